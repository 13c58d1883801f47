/** One object of figures, as `--json` prints it. A `goals` list in it decides the exit status. */
export type Figures = Readonly<Record<string, unknown>>;

export interface BenchOptions {
  /** Folder of the shared data sets. */
  readonly dataDir: string;
  /** Folder of the load kit; never written to. */
  readonly kitDir: string;
  /** Figures go to stdout as JSON; a bench itself prints nothing there either way. */
  readonly json: boolean;
  /** One line on stderr. */
  readonly progress: (line: string) => void;
  /** What stood on the command line beside the options every bench has. */
  readonly args: readonly string[];
}

/** What a file `bench/<name>.ts` exports. */
export interface Bench {
  readonly summary: string;
  readonly run: (options: BenchOptions) => Promise<Figures>;
  /** The figures for people; left out, they are listed key by key. */
  readonly markdown?: (figures: Figures) => string;
}

/** A bound on one figure. */
export interface Goal {
  readonly name: string;
  /** `undefined`: not measured in this run. */
  readonly value: number | undefined;
  readonly unit: string;
  readonly min?: number;
  readonly max?: number;
}

export interface JudgedGoal extends Goal {
  readonly verdict: 'met' | 'missed' | 'not measured';
}

/** Decides a goal; its bounds belong to what is allowed. */
export function judge(goal: Goal): JudgedGoal {
  const { value, min = -Infinity, max = Infinity } = goal;
  if (value === undefined || Number.isNaN(value)) return { ...goal, verdict: 'not measured' };
  return { ...goal, verdict: value >= min && value <= max ? 'met' : 'missed' };
}

/** Goals of figures of any bench; benches without goals have none. */
export const goalsOf = (figures: Figures): readonly JudgedGoal[] => (figures['goals'] as readonly JudgedGoal[] | undefined) ?? [];

export const missed = (figures: Figures): boolean => goalsOf(figures).some(({ verdict }) => verdict === 'missed');
