import type { AuditCall, ReadCall } from '../audit/call.ts';
import { pricedCall } from '../audit/pricing.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { totalInput, type Buckets } from '../core/usage.ts';
import { generationApis } from '../emulator/generate.ts';
import type { GenerationApiId } from '../emulator/generation.ts';
import type { RecordedReply } from '../emulator/in-process.ts';
import { fillTokens } from '../emulator/reply/words.ts';
import { withClientMarks } from './client-marks.ts';
import type { PassedOver, Recorded } from './recorded.ts';
import { bodyPieces, settingsOf, urlModel, type BodyParts } from './request-body.ts';

/** Sessions whose unrecorded beginning is remembered; of more, the oldest is measured anew. */
export const maxSessions = 20_000;
/** Time between calls that the record does not date. */
const undatedGapMs = 10_000;

/** Makes calls to rehearse of the calls that readers of logs give, in the order they stand there. `startMs`: for calls without a time. */
export function callsFromRead(catalog: Catalog, startMs: number): (read: ReadCall) => Recorded {
  const hiddenBySession = new Map<string, number>();
  let undatedMs = startMs;
  return (read) => {
    const call = pricedCall(catalog, read);
    const why = passedOverOf(call);
    const prompt = call.prompt;
    if (why || !prompt) return { passedOver: why ?? 'no_content', calls: call.calls, cost: call.cost.total };
    const parts = withClientMarks(completed({ prompt, settings: settingsOf(call.settings) }, call, hiddenBySession), call.buckets);
    const api = prompt.api as GenerationApiId;
    const at = call.at ?? (undatedMs += undatedGapMs);
    return {
      call: {
        api,
        pieces: bodyPieces(parts),
        model: urlModel(api, call.requestModel),
        at,
        labels: { app: call.app, session: call.session },
        reply: replyOf(call),
        today: { cost: call.cost.total, buckets: call.buckets, model: call.model },
      },
    };
  };
}

function passedOverOf({ calls, outcome, prompt, served, settings }: AuditCall): PassedOver | undefined {
  if (calls !== 1) return 'sum';
  if (outcome === 'failed' || outcome === 'refused') return 'failed';
  if (served.serviceTier === 'batch') return 'batch';
  if (settings?.includes('"previous_response_id"') === true) return 'kept_by_provider';
  return prompt && Object.hasOwn(generationApis, prompt.api) ? undefined : 'no_content';
}

function replyOf({ reply, buckets }: AuditCall): RecordedReply {
  return {
    content: reply?.text ?? '',
    tools: (reply?.tools ?? []).map((name) => ({ name, arguments: '{}' })),
    ...countsOf(buckets),
  };
}

/** What the record says was written; unknown counts are left to the text. */
export const countsOf = ({ output, reasoning }: Buckets): Pick<RecordedReply, 'outputTokens' | 'reasoningTokens'> =>
  output === null || output === undefined ? {} : { outputTokens: output, reasoningTokens: reasoning ?? 0 };

/**
 * Some logs hold what was said and not the tools and instructions before it. What the first call of a session had more than is recorded
 * stands in as instructions made of filler, the same for the whole session, so that sizes and prices are right.
 */
function completed(parts: BodyParts, call: AuditCall, hiddenBySession: Map<string, number>): BodyParts {
  const total = totalInput(call.buckets);
  if (call.isPartial !== true || total === null || parts.prompt.headKey === '') return parts;
  const session = `${call.session ?? call.app ?? ''}\n${call.model}`;
  const tokens = hiddenBySession.get(session) ?? Math.max(0, total - tokensOf(parts));
  if (hiddenBySession.size >= maxSessions) hiddenBySession.delete(hiddenBySession.keys().next().value!);
  hiddenBySession.set(session, tokens);
  if (tokens === 0) return parts;
  const filler = fillTokens(tokens, 1);
  const { head } = parts.prompt;
  return { ...parts, head: head === undefined ? JSON.stringify(filler) : withFiller(head, filler) };
}

function withFiller(head: string, filler: string): string {
  const value = JSON.parse(head) as Json;
  return typeof value === 'string' ? JSON.stringify(`${value}\n${filler}`) : head;
}

function tokensOf(parts: BodyParts): number {
  const { api, model } = parts.prompt;
  const body = JSON.parse(bodyPieces(parts).join('')) as JsonObject;
  return generationApis[api as GenerationApiId].read(body, model, () => undefined).prompt.tokens;
}
