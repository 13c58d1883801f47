/** Work put off until the sockets have been served, and a way to wait for it. */
export interface Later {
  /** Runs `work` soon, many pieces in one turn of the event loop. A piece that fails leaves the others alone. */
  readonly run: (work: () => void | Promise<void>) => void;
  /** Resolves when nothing is put off or under way any more. */
  readonly settled: () => Promise<void>;
}

/** `failed` hears of each piece of work that threw. */
export function createLater(failed: (error: unknown) => void): Later {
  let waiting: (() => void | Promise<void>)[] = [];
  let open = 0;
  let idle: (() => void)[] = [];
  const done = (): void => {
    open -= 1;
    if (open > 0) return;
    for (const resolve of idle) resolve();
    idle = [];
  };
  const runOne = (work: () => void | Promise<void>): void => {
    try {
      const running = work();
      if (running) void running.catch(failed).finally(done);
      else done();
    } catch (error) {
      failed(error);
      done();
    }
  };
  const runAll = (): void => {
    const batch = waiting;
    waiting = [];
    for (const work of batch) runOne(work);
  };
  return {
    run: (work) => {
      open += 1;
      if (waiting.push(work) === 1) setImmediate(runAll);
    },
    settled: () => (open === 0 ? Promise.resolve() : new Promise((resolve) => idle.push(resolve))),
  };
}
