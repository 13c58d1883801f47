import { kinds, minSavedNano, type FindingKind } from './kinds.ts';

/** One line of the arithmetic: a number of tokens times a difference of rates. Negative: what the change itself costs. */
export interface Term {
  readonly what: string;
  readonly model: string;
  /** Whole calls have none. */
  readonly tokens: number;
  /** Nano-USD a token; of whole calls, nano-USD in all. */
  readonly rate: number;
}

export interface TermLine extends Term {
  readonly calls: number;
  /** Nano-USD. */
  readonly nano: number;
}

/** What a finding is about, for those who act on it or look it up. */
export interface About {
  readonly model?: string | undefined;
  readonly feature?: string | undefined;
  /** One that would do. */
  readonly otherModel?: string;
  /** Marks that the calls bear. */
  readonly signals?: readonly string[];
  /** Name of a saving. */
  readonly stage?: string;
}

export interface Finding {
  readonly kind: FindingKind;
  readonly title: string;
  readonly advice: string;
  /** App or project. */
  readonly app: string | undefined;
  /** What exactly: the tool, the cause, the other model. */
  readonly subject: string;
  readonly about?: About;
  /** Calls that show it. */
  readonly calls: number;
  /** Nano-USD, net; the sum of the terms. */
  readonly saved: number;
  readonly terms: readonly TermLine[];
  /** Where it can be seen: lines and ids, the dearest first. */
  readonly evidence: readonly string[];
}

export interface Waste {
  readonly kind: FindingKind;
  readonly app: string | undefined;
  readonly subject: string;
  readonly about?: About;
  readonly where: string;
  readonly terms: readonly Term[];
  /** It costs something to set right and shows no waste by itself. */
  readonly isCost?: boolean;
}

/** Places told of one finding. */
export const maxEvidence = 12;
/** Findings that are gathered at most; what comes later is left out and counted. */
export const maxFindings = 20_000;

interface Draft {
  readonly waste: Waste;
  calls: number;
  readonly lines: Map<string, { -readonly [K in keyof TermLine]: TermLine[K] }>;
  evidence: { readonly where: string; readonly nano: number }[];
}

/** Gathers what is found, by kind, app and subject. A class, because it is nothing but hidden state. */
export class FindingBook {
  readonly #drafts = new Map<string, Draft>();
  /** Kinds of waste that no longer fitted. */
  leftOut = 0;

  add(waste: Waste): void {
    const key = JSON.stringify([waste.kind, waste.app, waste.subject]);
    const found = this.#drafts.get(key);
    if (!found && this.#drafts.size >= maxFindings) return void (this.leftOut += 1);
    const draft = found ?? { waste, calls: 0, lines: new Map(), evidence: [] };
    this.#drafts.set(key, draft);
    for (const term of waste.terms) addTerm(draft, term);
    if (waste.isCost) return;
    draft.calls += 1;
    note(draft, waste);
  }

  /** Takes back what was found of one subject: the whole shows that it is no waste. */
  drop({ kind, app, subject }: Pick<Waste, 'kind' | 'app' | 'subject'>): void {
    this.#drafts.delete(JSON.stringify([kind, app, subject]));
  }

  /** The dearest first; what is too rare, too small or does not pay is left out. */
  result(): readonly Finding[] {
    return [...this.#drafts.values()]
      .map(findingOf)
      .filter(({ kind, calls, saved }) => calls >= kinds[kind].minCalls && saved >= minSavedNano)
      .sort((left, right) => right.saved - left.saved);
  }
}

function addTerm({ lines }: Draft, term: Term): void {
  const key = JSON.stringify([term.what, term.model, term.tokens === 0 ? 0 : term.rate]);
  const line = lines.get(key) ?? { ...term, tokens: 0, rate: term.tokens === 0 ? 0 : term.rate, calls: 0, nano: 0 };
  lines.set(key, line);
  line.calls += 1;
  line.tokens += term.tokens;
  line.nano += nanoOf(term);
}

const nanoOf = ({ tokens, rate }: Term): number => (tokens === 0 ? rate : tokens * rate);

function note(draft: Draft, { where, terms }: Waste): void {
  const nano = terms.reduce((sum, term) => sum + nanoOf(term), 0);
  draft.evidence.push({ where, nano });
  if (draft.evidence.length <= maxEvidence) return;
  draft.evidence = draft.evidence.sort((left, right) => right.nano - left.nano).slice(0, maxEvidence);
}

function findingOf({ waste, calls, lines, evidence }: Draft): Finding {
  const { kind, app, subject, about } = waste;
  const terms = [...lines.values()].map((line) => ({ ...line, tokens: Math.round(line.tokens), nano: Math.round(line.nano) }));
  return {
    kind,
    title: kinds[kind].title,
    advice: kinds[kind].advice,
    app,
    subject,
    ...(about && { about }),
    calls,
    saved: terms.reduce((sum, { nano }) => sum + nano, 0),
    terms: terms.sort((left, right) => right.nano - left.nano),
    evidence: evidence.sort((left, right) => right.nano - left.nano).map(({ where }) => where),
  };
}
