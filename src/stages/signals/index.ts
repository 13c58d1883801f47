import { createRetries } from '../../conversation/retries.ts';
import { newestItem } from '../../conversation/tail-reader.ts';
import type { Call } from '../../core/call.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { CallRecord, Outcome } from '../../core/record.ts';
import type { Reply, ReplyMeter } from '../../core/reply.ts';
import { faultOf } from './answer.ts';
import { createLanguages, type LanguageOptions } from './languages.ts';
import { schemaAsked } from './schema.ts';
import { hasFailedTool } from './tool-failure.ts';

export interface SignalOptions {
  /** Marks of quality: how a call ended, whether its answer fits the schema, what the client does next. */
  readonly quality: boolean;
  /** Left out: the language of calls is not looked at. */
  readonly language?: LanguageOptions;
  /** Reads the text of a reply as the client gets it. */
  readonly meterOf: (call: Call, reply: Reply) => ReplyMeter;
  /** Monotonic ms. */
  readonly now: () => number;
}

/** The same prompt after so long is no second try. */
export const secondTryMs = 10 * 60_000;
const maxRemembered = 4096;
/** Up to this many sights a request is known by its length and some of its bytes: enough for a mark. */
const sampledTimes = 3;

/** What is known of the last call with the same prompt. */
interface Note {
  outcome?: Outcome;
}

/** Says in the record what a call tells about its quality. All of it is found out when the reply is out, none of it changes a byte. */
export function signals({ quality, language, meterOf, now }: SignalOptions): Stage {
  const retries = createRetries<Note>({ newNote: () => ({}), windowMs: secondTryMs, maxRemembered, now });
  const languages = language && createLanguages(language);
  /** Only of somebody who is known: programs may well ask the same again. */
  const secondTry = (call: Call, { key, labels: { app, user, session } }: Scope, { outcome }: CallRecord): string | undefined => {
    if (user === undefined && session === undefined) return undefined;
    const { times, note } = retries.seen(call.received.body, `${key}\n${app}\n${user}\n${session}`, sampledTimes, newestItem(call));
    const before = note.outcome;
    note.outcome = outcome;
    if (times < 2 || before === undefined) return undefined;
    return before === 'ok' ? 'regenerated' : 'retried_by_user';
  };
  const say = (call: Call, scope: Scope, record: CallRecord): void => {
    const spoken = languages && scope.annotations.language === undefined ? languages.of(call, scope) : undefined;
    if (spoken !== undefined) scope.annotations.language = spoken;
    if (!quality) return;
    const found: string[] = [];
    const end = endSignal(scope, record);
    if (end) found.push(end);
    if (hasFailedTool(call)) found.push('tool_failed');
    const again = secondTry(call, scope, record);
    if (again) found.push(again);
    if (found.length > 0) (scope.annotations.signals ??= []).push(...found);
  };
  return {
    name: 'signals',
    kind: 'guard',
    wrap: (next) => {
      if (!quality && !languages) return next;
      return (call, scope) => {
        scope.atRecord.push(() => scope.atRecord.push((record) => say(call, scope, record))); // behind what all others say
        const schema = quality ? schemaAsked(call) : undefined;
        return schema ? checked(next, { call, scope, schema, meterOf }) : next(call, scope);
      };
    },
  };
}

/** What a limit of ours cut says so itself. */
function endSignal({ annotations }: Scope, { finishReason }: CallRecord): string | undefined {
  if (finishReason === 'length') return annotations.signals?.some((signal) => signal.startsWith('truncated')) ? undefined : 'truncated';
  return finishReason === 'refusal' || finishReason === 'content_filter' ? 'refused' : undefined;
}

interface Checked {
  readonly call: Call;
  readonly scope: Scope;
  readonly schema: JsonObject;
  readonly meterOf: SignalOptions['meterOf'];
}

/** Reads along with the answer, and looks at it when the record is made. */
async function checked(next: Handler, { call, scope, schema, meterOf }: Checked): Promise<Reply> {
  const reply = await next(call, scope);
  if (reply.head.status >= 400) return reply;
  const reader = meterOf(call, reply);
  scope.atRecord.push(({ outcome, finishReason }) => {
    if (outcome !== 'ok' || finishReason !== 'stop') return; // cut, refused, or a call of tools: no answer to check
    const fault = faultOf(schema, reader.text());
    if (fault) (scope.annotations.signals ??= []).push(fault);
  });
  return reply.watched({ write: (chunk) => reader.write(chunk), end: () => {} });
}
