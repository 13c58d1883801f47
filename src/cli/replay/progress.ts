import { durationText } from '../figure-text.ts';

export interface Progress {
  /** One more is done. */
  step(failed: boolean): void;
  /** A line between the progress, such as a problem. */
  note(line: string): void;
  end(): void;
}

export interface ProgressOptions {
  readonly total: number;
  readonly what: string;
  /** One line that is written over; else a line now and then. */
  readonly isTerminal: boolean;
  readonly write: (text: string) => void;
  readonly now?: () => number;
}

const redrawMs = 100;
const lineMs = 5000;
const clearLine = '\r\u001b[2K';

/** Says how far a long work is: count, share, rate and time left. */
export function progressOf({ total, what, isTerminal, write, now = () => performance.now() }: ProgressOptions): Progress {
  const startedAt = now();
  let toldAt = startedAt;
  let done = 0;
  let failed = 0;
  const draw = (): void => write(isTerminal ? `${clearLine}${line()}` : `${line()}\n`);
  const line = (): string => {
    const elapsedMs = Math.max(now() - startedAt, 1);
    const perSecond = (done / elapsedMs) * 1000;
    const left = done === 0 || done === total ? '' : `, ${durationText(((total - done) / perSecond) * 1000)} left`;
    const percent = total === 0 ? 100 : Math.floor((100 * done) / total);
    return `${done}/${total} ${what} (${percent}%), ${perSecond.toFixed(perSecond < 10 ? 1 : 0)}/s${left}${failed > 0 ? `, ${failed} failed` : ''}`;
  };
  return {
    step(isFailed) {
      done += 1;
      if (isFailed) failed += 1;
      if (now() - toldAt < (isTerminal ? redrawMs : lineMs)) return;
      toldAt = now();
      draw();
    },
    note: (text) => write(`${isTerminal ? clearLine : ''}${text}\n`),
    end() {
      draw();
      if (isTerminal) write('\n');
    },
  };
}
