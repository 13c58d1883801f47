/** Asks an engine that failed until it answers, so that its health turns good again when no call comes by to find out. */
export function createProbe(ask: () => Promise<void>, everyMs = 500): { readonly start: () => void; readonly stop: () => void } {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const start = (): void => {
    if (timer || isStopped) return;
    timer = setTimeout(() => {
      timer = undefined;
      void ask().catch(start);
    }, everyMs).unref();
  };
  return {
    start,
    stop: () => {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
