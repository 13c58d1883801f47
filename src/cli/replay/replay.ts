import { turnsOf, type Conversation, type Turn } from './conversation.ts';
import type { Progress } from './progress.ts';
import { replayApi } from './replay-apis.ts';
import { scriptHeader, type Job, type Sender, type Sent } from './send.ts';
import { addSent, emptySummary, type Summary } from './summary.ts';

/** What the command line says for all conversations; what it leaves open, each recording says for itself. */
export interface ReplayOptions {
  readonly api: string | undefined;
  readonly model: string | undefined;
  readonly app: string | undefined;
  readonly stream: boolean | undefined;
  readonly cache: boolean | undefined;
  /** Conversations under way at one time. */
  readonly concurrency: number;
  /** Tells the sessions of this run from those of another. */
  readonly run: string;
}

export interface Replay {
  readonly sender: Sender;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly options: ReplayOptions;
}

/** Failures told one by one; the rest are counted. */
const maxTold = 10;

/** Sends each conversation turn by turn, several conversations at a time, until all are sent or `signal` says stop. */
export async function replay(conversations: readonly Conversation[], { sender, progress, signal, options }: Replay): Promise<Summary> {
  const summary = emptySummary();
  const waiting = conversations.values();
  const unemulated = new Set<string>();
  let told = 0;
  const note = (turn: Turn, { problem }: Sent): void => {
    if (problem !== undefined && told++ < maxTold) progress.note(`${turn.conversation.id}: ${problem}`);
  };
  const one = async (conversation: Conversation): Promise<void> => {
    summary.conversations += 1;
    for (const turn of turnsOf(conversation)) {
      if (signal.aborted) return;
      const job = jobOf(turn, options, unemulated);
      if (job.script && scriptHeader(turn.reply) === undefined) summary.unscripted += 1;
      const sent = await sender.send(job, signal);
      if (signal.aborted) return;
      if (sent.emulated === false) unemulated.add(job.api.api);
      addSent(summary, sent);
      progress.step(!sent.ok);
      note(turn, sent);
    }
  };
  const worker = async (): Promise<void> => {
    for (const conversation of waiting) if (!signal.aborted) await one(conversation);
  };
  await Promise.all(Array.from({ length: options.concurrency }, worker));
  return summary;
}

/** The recorded answer is told until a reply shows that no emulator stands behind the API. */
function jobOf(turn: Turn, options: ReplayOptions, unemulated: ReadonlySet<string>): Job {
  const { conversation } = turn;
  const api = replayApi(options.api ?? conversation.api ?? 'chat');
  const isRecordedApi = options.api === undefined || options.api === conversation.api;
  const { id, feature, user } = conversation;
  return {
    turn,
    api,
    asking: {
      model: options.model ?? (isRecordedApi ? conversation.model : undefined) ?? api.defaultModel,
      stream: options.stream ?? conversation.stream ?? false,
      cache: options.cache ?? conversation.cache ?? false,
    },
    labels: { app: options.app ?? conversation.app ?? 'replay', feature, user, session: `${id}-${options.run}`, task: id },
    script: !unemulated.has(api.api),
  };
}
