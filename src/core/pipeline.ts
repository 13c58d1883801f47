import type { ApiId } from './api.ts';
import type { Call } from './call.ts';
import type { Confinement } from './confinement.ts';
import type { Deployment } from './deployment.ts';
import { GatewayError } from './errors.ts';
import { newId } from './id.ts';
import type { Annotations, Attempt, CallRecord, Labels, LedgerEvent } from './record.ts';
import type { Reply } from './reply.ts';

/** How much of a prompt each part is, in the order of `promptParts`: to share out the input tokens that the provider will count. */
export interface PromptWeights {
  readonly byPart: readonly number[];
  /** Index of the part whose text the body does not hold (a conversation kept by the provider); it gets what the others leave. -1: none. */
  readonly hidden: number;
}

/** What belongs to the client's request, not to one call of it: shared by all attempts. */
export interface Scope {
  readonly requestId: string;
  readonly labels: Labels;
  /** `undefined` for what is no model call. */
  readonly prompt: PromptWeights | undefined;
  /** Virtual key, by id. */
  readonly key: string | undefined;
  /** Headers for the provider, raw (name, value, name, value ...): hop-by-hop, `x-modicum-*`, body and credential headers are taken out. */
  readonly headers: readonly string[];
  /** The client's own credential headers, raw. */
  readonly credentials: readonly string[];
  /** Path and query the client asked for, `/c/{app}` taken off. */
  readonly target: string;
  readonly method: string;
  /** Epoch ms at which the request arrived, and the same on the monotonic clock. */
  readonly startedAt: number;
  readonly startedMonotonicMs: number;
  /** The client's side of the connection. */
  readonly client: Closable;
  /** What to do when the client leaves before the reply is whole: stop paying, or read on for the exact usage. */
  readonly onClientAbort: 'cancel' | 'drain';
  /** Filled by `meter`, one entry an attempt; read by `account`. */
  readonly attempts: Attempt[];
  /** Work on ended attempts that nobody waits for: reading what they used, pricing it. `account` has it done for many calls in a row. */
  readonly unsettled: Unsettled[];
  /** Attempts whose record is still being made (an estimate runs): `account` waits for them. */
  readonly pending: Promise<void>[];
  /**
   * Run once, in order, when all attempts are priced and before the record is written, however the call ended: for what a stage can say only
   * then, such as what it saved or the end of a reservation. May still write `annotations`. One that throws leaves the others alone.
   */
  readonly atRecord: ((record: CallRecord) => void)[];
  /** Goes into the record, as the stages leave it. */
  readonly annotations: Annotations;
  /** What was drawn for this request's savings, once and for all its attempts: only they read it. A map by scope would cost more than the draw. */
  drawn: object | undefined;
  /** Raw headers that stages add to the reply, errors of the gateway too. */
  readonly replyHeaders: string[];
  /** `x-modicum-budget-usd`, `x-modicum-budget-tokens`: what the task or session may use in all, as the client wrote it. */
  readonly ceiling?: { readonly usd?: string; readonly tokens?: string } | undefined;
  /** Where this attempt goes, once a stage has chosen; left out, to the first place its model name leads to. */
  readonly deployment?: Deployment;
  /** `x-modicum-sensitivity`: the label the client gives the call itself. */
  readonly sensitivity?: string | undefined;
  /** `x-modicum-savings`: the client wants no saving to change this call. */
  readonly savings?: 'off' | 'observe' | undefined;
  /** `x-modicum-cache` and `x-modicum-knowledge-version`, as the client wrote them. */
  readonly replyCache?: { readonly directive: string | undefined; readonly knowledge: string | undefined } | undefined;
  /** The call must not leave for any other place; checked where it is planned and where it is sent. */
  readonly confined?: Confinement;
  /** The call was translated: from this API, without these of its features and fields. */
  readonly translated?: { readonly from: ApiId; readonly dropped: readonly string[] };
  /** Records a fact. Never throws, never waits. */
  readonly record: (event: LedgerEvent) => void;
}

/** An attempt that has ended, and whose reply is still to be read and priced. */
export interface Unsettled {
  /** Never throws. Called once. */
  settle(): void;
}

/** Has all attempts of a scope settled; `undefined` when there is nothing left to wait for. */
export function settleAttempts({ unsettled, pending }: Pick<Scope, 'unsettled' | 'pending'>): Promise<unknown> | undefined {
  for (const attempt of unsettled) attempt.settle();
  unsettled.length = 0;
  return pending.length === 0 ? undefined : Promise.allSettled(pending);
}

/** Tells when the client has gone away. Lighter than an AbortSignal, which costs more than all stages of an idle call. */
export interface Closable {
  readonly closed: boolean;
  /** Calls `listener` once, at the close; returns how to stop listening. */
  onClose(listener: () => void): () => void;
}

export type Handler = (call: Call, scope: Scope) => Promise<Reply>;

/** One step on the way to the model. It may answer by itself (cache), pass on a changed call (context), watch the reply (meter), or call `next` again (cascade). */
export interface Stage {
  readonly name: string;
  /** A guard rejects when it breaks; a saving is skipped when it breaks, for which it is wrapped anew for each call: what it remembers stands outside of `wrap`. */
  readonly kind: 'guard' | 'saving';
  readonly wrap: (next: Handler) => Handler;
}

/** Builds one handler from `stages`; the first is the outermost. */
export function pipeline(stages: readonly Stage[], dispatch: Handler): Handler {
  return stages.reduceRight((next, stage) => (stage.kind === 'guard' ? stage.wrap(next) : skippable(stage, next)), dispatch);
}

/**
 * A saving never costs an answer: when its own code throws, the call goes on without it. One that only hands the call on, as most do with
 * most calls, costs no promise: what comes of the call then is not its doing.
 */
function skippable(stage: Stage, next: Handler): Handler {
  return (call, scope) => {
    const onward = new Onward(next);
    const handler = stage.wrap((changed, changedScope) => onward.pass(changed, changedScope));
    let answer: Promise<Reply>;
    try {
      answer = handler(call, scope);
    } catch (error) {
      answer = Promise.reject(error);
    }
    return answer === onward.latest ? answer : kept(answer, { stage, next, onward, call, scope });
  };
}

/** What a saving handed on, and what came of it. */
class Onward {
  readonly #next: Handler;
  latest: Promise<Reply> | undefined;
  reply: Reply | undefined;
  error: unknown;
  #isFollowed = false;

  constructor(next: Handler) {
    this.#next = next;
  }

  pass(call: Call, scope: Scope): Promise<Reply> {
    try {
      this.latest = this.#next(call, scope);
    } catch (error) {
      this.latest = Promise.reject(error);
    }
    if (this.#isFollowed) this.#listen(this.latest);
    return this.latest;
  }

  /** From here on, and for what is under way. */
  follow(): void {
    this.#isFollowed = true;
    if (this.latest) this.#listen(this.latest);
  }

  #listen(answer: Promise<Reply>): void {
    answer.then(
      (reply) => (this.reply = reply),
      (error: unknown) => (this.error = error),
    );
  }
}

interface Kept {
  readonly stage: Stage;
  readonly next: Handler;
  readonly onward: Onward;
  readonly call: Call;
  readonly scope: Scope;
}

async function kept(answer: Promise<Reply>, { stage, next, onward, call, scope }: Kept): Promise<Reply> {
  onward.follow();
  try {
    return await answer;
  } catch (error) {
    if (error === onward.error || error instanceof GatewayError) throw error;
    const at = Date.now();
    scope.record({ type: 'stage.skipped', id: newId(at), requestId: scope.requestId, at, stage: stage.name, reason: String(error) });
    const { reply } = onward;
    return reply && !reply.taken ? reply : next(call, scope); // a reply read in part cannot be given out any more
  }
}
