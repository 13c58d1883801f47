import type { Config } from '../config/schema.ts';
import type { Stage } from '../core/pipeline.ts';
import { loopBreaker, type LoopPolicy } from '../stages/loop/index.ts';

/** The breaker of runaway agents, by the options `loops` and `apps.<name>.loops`. */
export function loopBreakerOf({ loops, apps }: Config): Stage {
  const policyWith = (own: Config['apps'][string]['loops'] = {}): LoopPolicy => ({
    action: own.action ?? loops.action,
    repeats: own.repeats ?? loops.repeats,
    ignoreTools: own.ignoreTools ?? loops.ignoreTools,
  });
  const byApp = new Map(Object.entries(apps).map(([app, own]) => [app, policyWith(own.loops)]));
  return loopBreaker({
    policyOf: (app) => (app === undefined ? loops : (byApp.get(app) ?? loops)),
    maxRepeats: Math.max(loops.repeats, ...[...byApp.values()].map(({ repeats }) => repeats)),
    now: () => performance.now(),
  });
}
