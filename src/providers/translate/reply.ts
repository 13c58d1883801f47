import type { ReplyError } from '../../core/canonical/reply-error.ts';
import type { Bytes } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { heldReply } from '../../protocols/translate/held-reply.ts';
import type { HeldTexts } from '../../protocols/translate/held-texts.ts';
import type {
  ProtocolTranslator,
  ProviderTranslator,
  ReplyClient,
  ReplyEncoder,
  ReplySource,
} from '../../protocols/translate/translator.ts';
import { collected } from './collect.ts';
import type { See } from './conversations.ts';
import type { Destination } from './crossing.ts';
import { failedReply, flowOf, mustBePlain, notes } from './reply-parts.ts';
import type { TranslatedCall } from './request.ts';
import { translatedFlow } from './translated-flow.ts';

/** Bytes of an error's body at most. */
export const maxErrorBytes = 1 << 20;

export interface Translation {
  readonly from: ProtocolTranslator;
  readonly to: ProviderTranslator;
  readonly destination: Destination;
  readonly translated: TranslatedCall;
  /** Of the client. */
  readonly scope: Scope;
  readonly maxReplyBytes: number;
  readonly maxEventBytes: number;
}

/** The reply in the client's API. A stream goes on as it comes; a whole body is whole before its head is known, for it may tell an error. */
export async function translateReply(reply: Reply, translation: Translation): Promise<Reply> {
  const { from, to, translated, scope } = translation;
  if (reply.head.status >= 400) {
    const body = await collected(reply, scope, maxErrorBytes);
    return errorReply(reply, translation, to.decodeError(reply.head.status, body));
  }
  mustBePlain(reply);
  const client = clientOf(translation);
  const writing = { encoder: from.encodeReply(client), see: translated.seen?.(client) };
  return translated.canonical.stream ? streamed(reply, translation, writing) : whole(reply, translation, writing);
}

const clientOf = ({ translated, scope }: Translation): ReplyClient => ({
  call: translated.canonical,
  requestId: scope.requestId,
  createdAt: Math.floor(scope.startedAt / 1000),
  framing: /[?&]alt=sse(?:&|$)/.test(scope.target) ? 'sse' : 'json-list',
});

const decoderOf = (reply: Reply, { to, destination, maxReplyBytes, maxEventBytes }: Translation, hold?: ReplySource['hold']) => {
  const isStream = headerOf(reply.head.headers, 'content-type')?.startsWith('text/event-stream') ?? false;
  const maxBytes = isStream ? maxEventBytes : maxReplyBytes;
  return to.decodeReply({ isStream, dialect: destination.speech.dialect, maxEventBytes: maxBytes, ...(hold && { hold }) });
};

interface Writing {
  readonly encoder: ReplyEncoder;
  readonly see: See | undefined;
}

function streamed(reply: Reply, translation: Translation, { encoder, see }: Writing): Reply {
  const headers = ['content-type', encoder.contentType, 'cache-control', 'no-cache', ...notesOf(reply, translation)];
  return new Reply(
    reply.servedBy,
    { status: reply.head.status, headers },
    translatedFlow(reply.bytes, decoderOf(reply, translation), encoder, see),
  );
}

async function whole(reply: Reply, translation: Translation, { encoder, see }: Writing): Promise<Reply> {
  let held: HeldTexts | undefined;
  const decoder = decoderOf(reply, translation, (bytes) => {
    const found = heldReply(bytes, translation.to.api);
    held = found?.held;
    return found?.left;
  });
  const body = await collected(reply, translation.scope, translation.maxReplyBytes);
  const said = decoder.write(body); // nothing before its end, unless it is a stream
  const ended = decoder.end();
  const events = said.length === 0 ? ended : [...said, ...ended];
  const last = events.at(-1);
  if (last?.type === 'error') return errorReply(reply, translation, { ...last.error, status: last.error.status ?? 502 });
  const pieces: Bytes[] = [];
  for (const event of events) {
    see?.(event, held);
    const piece = encoder.write(event);
    if (piece) pieces.push(piece);
  }
  const written = pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
  const bytes = held ? held.into(written) : written;
  const headers = ['content-type', encoder.contentType, 'content-length', String(bytes.length), ...notesOf(reply, translation)];
  return new Reply(reply.servedBy, { status: reply.head.status, headers }, flowOf(bytes));
}

const notesOf = (reply: Reply, { from, translated }: Translation): readonly string[] => notes(reply, from.api, translated.dropped);

const errorReply = (reply: Reply, { from, translated, scope }: Translation, error: ReplyError): Reply =>
  failedReply(reply, { encodeError: from.encodeError, requestId: scope.requestId, dropped: translated.dropped }, error);
