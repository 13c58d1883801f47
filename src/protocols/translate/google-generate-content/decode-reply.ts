import { createHash } from 'node:crypto';
import type { OpenedPart, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Decoder } from '../../../core/flow.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import { field, jsonText, list, parsedText, text } from '../../count.ts';
import { googleFinishReasons, googleReader } from '../../google-reader.ts';
import { readFirst } from '../../read-once.ts';
import type { Told } from '../../reader.ts';
import { LikeTheLast } from '../../like-the-last.ts';
import type { Alike } from '../../alike-events.ts';
import { OpenParts } from '../open-parts.ts';
import { brokenOff, replyDecoder, type Emit, type EventReader } from '../reply-frame.ts';
import type { ReplySource } from '../translator.ts';
import { decodeCitations } from './citations.ts';
import { errorOf } from './errors.ts';
import { decodeLogprobs } from './logprobs.ts';
import { Said } from './said.ts';
import { sealIn } from './signature.ts';
import { wire, type WireCandidate, type WirePart, type WireReply } from './wire.ts';

/** Replies of `:generateContent` and `:streamGenerateContent`: each event is a reply of its own, and so is each element of a list without `alt=sse`. */
export const decodeReply = (source: ReplySource): Decoder<ReplyEvent> => replyDecoder(source, (emit) => new ContentReader(emit));

class ContentReader implements EventReader {
  readonly #emit: Emit;
  readonly #parts: OpenParts;
  readonly #said = new Said();
  /** Candidates, and why each ended. */
  readonly #finishes = new Map<number, string | undefined>();
  readonly #called = new Set<number>();
  /** Sources come with the last chunks, again and again: the last word counts. */
  readonly #cited = new Map<number, unknown>();
  readonly #pattern = new LikeTheLast();
  #patternOf = 0;
  readonly #told: { usage?: unknown; usageJson?: string | undefined; model?: string; searches: readonly unknown[] } = { searches: [] };
  #started = false;
  #blocked = false;
  #calls = 0;
  #id = '';
  /** What the meter tells of a whole reply. */
  #whole: Told | undefined;

  constructor(emit: Emit) {
    this.#emit = emit;
    this.#parts = new OpenParts(emit);
  }

  event = (value: unknown, json: Bytes): void => {
    const wasStarted = this.#started;
    this.#replies(value);
    if (wasStarted) this.#learn(value, json);
  };

  /** An event that was more text and usage, and nothing else. */
  #learn(value: unknown, json: Bytes): void {
    const candidate = plainTextOf(value);
    if (candidate === undefined) return;
    if (textMarks.some((mark) => this.#pattern.learn(json, mark, usageMark))) this.#patternOf = candidate;
  }

  readonly alike: Alike = {
    pattern: this.#pattern,
    say: (said) => {
      this.#told.usageJson = this.#pattern.counts ?? this.#told.usageJson;
      this.#text(this.#patternOf, said);
      return true;
    },
  };

  #replies(value: unknown): void {
    for (const reply of Array.isArray(value) ? (value as readonly unknown[]) : [value]) this.#reply(reply);
  }

  /** A whole body needs no last word. */
  whole = (value: unknown, json: Bytes): void => {
    this.#replies(value);
    const isTold = !Array.isArray(value) && [...this.#finishes.values()].every((word) => word !== undefined);
    if (isTold) this.#whole = readFirst(json, googleReader()).told;
    for (const [candidate, word] of this.#finishes) if (word === undefined) this.#finishes.set(candidate, 'STOP');
  };

  end = (): void => {
    const isOver = this.#blocked || (this.#finishes.size > 0 && [...this.#finishes.values()].every((word) => word !== undefined));
    if (!isOver) return this.#emit({ type: 'error', error: brokenOff });
    for (const [candidate, metadata] of this.#cited) this.#citations(candidate, metadata);
    for (const candidate of this.#finishes.keys()) this.#parts.close(candidate);
    this.#usage();
    this.#finish();
    this.#emit({ type: 'end' });
  };

  #reply(value: unknown): void {
    const reply = wire<WireReply>(value);
    if (reply.error) return this.#emit({ type: 'error', error: errorOf(reply.error) });
    if (!this.#started) this.#start(reply);
    if (reply.usageMetadata) {
      this.#told.usage = reply.usageMetadata;
      this.#told.usageJson = undefined;
    }
    for (const candidate of list(reply.candidates)) this.#candidate(wire<WireCandidate>(candidate));
    if (reply.promptFeedback && text(field(reply.promptFeedback, 'blockReason'))) this.#blocked = true;
  }

  #start(reply: WireReply): void {
    this.#started = true;
    this.#id = text(reply.responseId) ?? '';
    const model = text(reply.modelVersion);
    if (model !== undefined) this.#told.model = model;
    const createdAt = Math.floor(Date.parse(text(reply.createTime) ?? '') / 1000);
    this.#emit({ type: 'start', id: this.#id, model: model ?? '', ...(createdAt > 0 && { createdAt }) });
  }

  #candidate(told: WireCandidate): void {
    const candidate = typeof told.index === 'number' ? told.index : 0;
    for (const part of list(wire<{ parts: unknown }>(told.content).parts)) this.#part(candidate, wire<WirePart>(part));
    if (told.logprobsResult) this.#logprobs(candidate, told.logprobsResult);
    if (told.groundingMetadata ?? told.citationMetadata) this.#sources(candidate, told);
    const finish = text(told.finishReason);
    if (finish !== undefined || !this.#finishes.has(candidate)) this.#finishes.set(candidate, finish);
  }

  #logprobs(candidate: number, result: unknown): void {
    const tokens = decodeLogprobs(result);
    if (tokens.length > 0) this.#parts.add(candidate, 'text', { type: 'logprobs', tokens }, { type: 'text' });
  }

  #sources(candidate: number, told: WireCandidate): void {
    this.#cited.set(candidate, told);
    const searches = list(field(told.groundingMetadata, 'webSearchQueries'));
    if (searches.length > this.#told.searches.length) this.#told.searches = searches;
  }

  #part(candidate: number, part: WirePart): void {
    const said = part.text;
    const seal = part.thoughtSignature === undefined ? undefined : sealIn(text(part.thoughtSignature));
    if (part.thought === true && typeof said === 'string') return this.#thought(candidate, said, seal);
    if (part.functionCall) return this.#call(candidate, part.functionCall, seal);
    if (typeof said === 'string') this.#text(candidate, said);
    else this.#other(candidate, part);
    if (seal) this.#seal(candidate, seal);
  }

  #text(candidate: number, said: string): void {
    if (said === '') return;
    this.#said.add(candidate, said);
    this.#parts.add(candidate, 'text', { type: 'text', text: said }, { type: 'text' });
  }

  /** The signature of a streamed thought comes last, on an empty one. */
  #thought(candidate: number, said: string, seal: Seal | undefined): void {
    const part = { type: 'reasoning' } as const;
    if (said !== '') this.#parts.add(candidate, 'reasoning', { type: 'text', text: said }, part);
    if (!seal) return;
    this.#parts.add(candidate, 'reasoning', { type: 'seal', seal }, part);
    this.#parts.close(candidate);
  }

  /** A signature of its own stands for a thought that is not shown. */
  #seal(candidate: number, seal: Seal): void {
    this.#parts.begin(candidate, 'seal', { type: 'reasoning' });
    this.#parts.add(candidate, 'seal', { type: 'seal', seal }, { type: 'reasoning' });
    this.#parts.close(candidate);
  }

  #call(candidate: number, call: unknown, seal: Seal | undefined): void {
    const name = text(field(call, 'name')) ?? '';
    const [json = '{}'] = jsonText(field(call, 'args'));
    const id = text(field(call, 'id')) ?? this.#madeId(name, json);
    const part = { type: 'tool-call', id, name } as const;
    this.#calls++;
    this.#called.add(candidate);
    this.#parts.begin(candidate, 'call', part);
    this.#parts.add(candidate, 'call', { type: 'arguments', text: json }, part);
    if (seal) this.#parts.add(candidate, 'call', { type: 'seal', seal }, part);
    this.#parts.close(candidate);
  }

  /** Unlike those of other replies, the same for the same bytes, and short enough for every client. */
  #madeId(name: string, json: string): string {
    const hash = createHash('sha256').update(`${this.#id}\n${this.#calls}\n${name}\n${json}`);
    return `call_${hash.digest('base64url').slice(0, 24)}`;
  }

  #other(candidate: number, part: WirePart): void {
    const opened = openedOf(part);
    if (opened) this.#parts.whole(candidate, opened);
  }

  #citations(candidate: number, metadata: unknown): void {
    for (const citation of decodeCitations(metadata, this.#said.text(candidate)))
      this.#parts.add(candidate, 'text', { type: 'citation', citation }, { type: 'text' });
  }

  #usage(): void {
    const told = this.#whole ?? this.#toldByAll();
    if (told?.usage) this.#emit({ type: 'usage', usage: { buckets: told.usage.buckets, served: told.served } });
  }

  /** Read as the meter reads it, from what all events told. */
  #toldByAll(): Told | undefined {
    const { usage, usageJson, model: modelVersion, searches: webSearchQueries } = this.#told;
    const usageMetadata = parsedText(usageJson) ?? usage; // each counts anew all that was used so far: only the last one is read
    if (usageMetadata === undefined) return undefined;
    const reader = googleReader();
    const groundingMetadata = webSearchQueries.length > 0 ? { webSearchQueries } : undefined;
    const candidates = [{ finishReason: 'STOP', groundingMetadata }];
    for (const json of jsonText({ candidates, usageMetadata, modelVersion })) reader.read(Buffer.from(json));
    return reader.told();
  }

  #finish(): void {
    if (this.#finishes.size === 0) return this.#emit({ type: 'finish', candidate: 0, reason: 'content_filter' });
    for (const [candidate, word] of this.#finishes)
      this.#emit({ type: 'finish', candidate, reason: reasonOf(word ?? '', this.#called.has(candidate)) });
  }
}

const textMarks = [Buffer.from('"text":"'), Buffer.from('"text": "')];
const usageMark = Buffer.from('"usageMetadata":');

/** The candidate that an event gives one text of and nothing else. */
function plainTextOf(value: unknown): number | undefined {
  const { candidates, usageMetadata: _usage, modelVersion: _model, responseId: _id, createTime: _time, ...others } = wire<WireReply>(value);
  const [only, ...more] = list(candidates);
  const { content, index, ...told } = wire<WireCandidate>(only);
  const { parts, role: _role, ...beside } = wire<{ parts: unknown; role: unknown }>(content);
  const [part, ...further] = list(parts);
  const { text: said, ...signs } = wire<WirePart>(part);
  const isPlain = [others, told, beside, signs].every((rest) => Object.keys(rest).length === 0);
  if (!isPlain || more.length > 0 || further.length > 0 || text(said) === undefined) return undefined;
  return typeof index === 'number' ? index : 0;
}

/** Google says STOP for a function call too. */
function reasonOf(word: string, called: boolean): FinishReason {
  const reason = googleFinishReasons[word] ?? 'other';
  return reason === 'stop' && called ? 'tool_calls' : reason;
}

/** Pictures and sounds; anything else but an empty part is Google's own. */
function openedOf(part: WirePart): OpenedPart | undefined {
  const data = field(part.inlineData, 'data');
  const mediaType = text(field(part.inlineData, 'mimeType')) ?? '';
  const [type] = mediaType.split('/', 1);
  if (typeof data === 'string' && (type === 'image' || type === 'audio')) return { type, mediaType, data };
  const kind = Object.keys(part).find((key) => key !== 'thoughtSignature');
  return kind === undefined ? undefined : { type: 'opaque', api: 'google.generate_content', kind, value: part as Json };
}
