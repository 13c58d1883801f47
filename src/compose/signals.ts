import type { Config } from '../config/schema.ts';
import type { Call } from '../core/call.ts';
import type { Stage } from '../core/pipeline.ts';
import { lastWords } from '../routes/call-facts.ts';
import { signals } from '../stages/signals/index.ts';
import { languageOf, loadLanguages } from '../text/language.ts';
import { replyMeters } from './reply-meter.ts';

/** Detections a second, and sessions remembered. */
const languageLimits = { maxPerSecond: 5, maxRemembered: 20_000 } as const;

/** What calls tell about their quality, by the option `insight`. */
export function signalsOf(config: Config): Stage {
  const now = (): number => performance.now();
  const { quality, language } = config.insight;
  if (language) loadLanguages();
  return signals({
    quality,
    ...(language && { language: { ...languageLimits, now, languageOf: spokenIn } }),
    meterOf: replyMeters(config),
    now,
  });
}

function spokenIn(call: Call): string | undefined {
  const words = lastWords(call);
  return words === undefined ? undefined : languageOf(words);
}
