import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Classify, Ranked } from '../../text/sensitivity/classifier.ts';
import { rewriteJson, type Rewriting } from '../../text/sensitivity/json-text.ts';
import type { Kind } from '../../text/sensitivity/kinds.ts';
import { isOpaque } from '../../text/sensitivity/opaque.ts';

/** What was found in a call. */
export interface Scanned {
  readonly ranks: ReadonlySet<number>;
  readonly kinds: ReadonlySet<Kind>;
  /** The call holds more text than may be looked at: what lies beyond is not known. */
  readonly isCut: boolean;
  /** What was found in a text of this field. */
  readonly findingsIn: (text: string, field: string | undefined) => readonly Ranked[];
}

/** Members of a body that are settings and ids of the API, not text that a model reads. */
const settings: ReadonlySet<string> = new Set([
  'model',
  'stream',
  'stream_options',
  'prompt_cache_key',
  'prompt_cache_retention',
  'previous_response_id',
  'service_tier',
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'temperature',
  'top_p',
  'top_k',
  'seed',
  'n',
]);

/** The members of a call that may hold text, with their bytes. */
export const textMembers = (call: Call): readonly (readonly [string, Buffer])[] =>
  [...call.received.outline.members.keys()].flatMap((key) => {
    const json = settings.has(key) ? undefined : call.json(key);
    return json ? [[key, json] as const] : [];
  });

/** Looks at all text of a call, up to `maxTextBytes`. @throws {GatewayError} `invalid_request` where the body is no JSON */
export function scan(call: Call, classify: Classify, maxTextBytes: number): Scanned {
  const ranks = new Set<number>();
  const kinds = new Set<Kind>();
  const known = new Map<string, readonly Ranked[]>();
  let bytes = 0;
  const look: Rewriting['rewrite'] = (text, place) => {
    if (bytes > maxTextBytes || isOpaque(text, place)) return undefined;
    bytes += Buffer.byteLength(text);
    if (bytes > maxTextBytes) return undefined;
    const findings = classify(text, place.field);
    if (findings.length > 0) known.set(keyOf(text, place.field), findings);
    for (const { rank, kind } of findings) {
      ranks.add(rank);
      kinds.add(kind);
    }
    return undefined;
  };
  for (const [key, json] of textMembers(call)) rewritten(key, json, look);
  return { ranks, kinds, isCut: bytes > maxTextBytes, findingsIn: (text, field) => known.get(keyOf(text, field)) ?? [] };
}

const keyOf = (text: string, field: string | undefined): string => `${field ?? ''}\n${text}`;

/** A member with its texts changed; the same bytes where nothing is. The field of a text at the top is the member itself. */
export function rewritten(key: string, json: Buffer, rewrite: Rewriting['rewrite']): Buffer {
  const text = json.toString('utf8');
  try {
    const changed = rewriteJson(text, {
      rewrite: (value, place) => rewrite(value, place.path.length === 0 && place.nesting === 0 ? { ...place, field: key } : place),
    });
    return changed === text ? json : Buffer.from(changed);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    // Not the parser's own words: they quote the text.
    throw new GatewayError('invalid_request', `malformed JSON in "${key}"`, { param: key });
  }
}
