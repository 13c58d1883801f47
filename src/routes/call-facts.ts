import { conversationForm } from '../conversation/conversations.ts';
import type { Entry } from '../conversation/entry.ts';
import { maxItemBytes, tailExtents } from '../conversation/tail-reader.ts';
import type { Call } from '../core/call.ts';
import { parse, type Bytes } from '../core/json.ts';
import { lazily } from '../core/lazily.ts';
import type { Scope } from '../core/pipeline.ts';
import { headerOf } from '../core/reply.ts';
import type { RouteFacts } from './facts.ts';

export interface CallFactsOptions {
  /** ISO 639-1 of a text. */
  readonly languageOf: (text: string) => string | undefined;
  readonly budgetLeft: (budget: string, call: Call, scope: Scope, nowMs: number) => number | undefined;
  readonly now: () => number;
}

/** What of a call rules ask for, worked out when they do. */
export const callFacts =
  (options: CallFactsOptions): ((call: Call, scope: Scope) => RouteFacts) =>
  (call, scope) =>
    new CallFacts(options, call, scope);

/** A class: V8 would keep the call that getters of an object literal close over until it collects everything. */
class CallFacts implements RouteFacts {
  readonly labels: RouteFacts['labels'];
  readonly key: RouteFacts['key'];
  readonly model: string;
  readonly nowMs: number;
  readonly #options: CallFactsOptions;
  readonly #call: Call;
  readonly #scope: Scope;
  readonly #language: () => string | undefined;

  constructor(options: CallFactsOptions, call: Call, scope: Scope) {
    this.#options = options;
    this.#call = call;
    this.#scope = scope;
    this.labels = scope.labels;
    this.key = scope.key;
    this.model = call.model;
    this.nowMs = options.now();
    this.#language = lazily(() => scope.annotations.language ?? detected(call, options.languageOf));
  }

  get sensitivity(): string | undefined {
    return this.#scope.annotations.sensitivity;
  }

  get inputTokens(): number | undefined {
    return this.#scope.prompt && Math.round(this.#scope.prompt.byPart.reduce((sum, tokens) => sum + tokens, 0));
  }

  get hasTools(): boolean {
    return hasTools(this.#call);
  }

  get hasImages(): boolean {
    return hasImages(this.#call.received.body.whole);
  }

  get language(): string | undefined {
    return this.#language();
  }

  readonly header = (name: string): string | undefined => headerOf(this.#scope.headers, name);

  readonly budgetLeft = (budget: string): number | undefined => this.#options.budgetLeft(budget, this.#call, this.#scope, this.nowMs);
}

/** The types of the four APIs for an image. Inside a text its quotes are escaped, so that talk about images is none. */
const image = /"type"\s*:\s*"(?:image|image_url|input_image)"|"mime_?[tT]ype"\s*:\s*"image\//;

/** Most bodies do not hold the word at all, which is found out quickly. */
const hasImages = (body: Bytes): boolean => body.includes('image') && image.test(body.toString('latin1'));

const CLOSE_LIST = 93;

/** Whether a list of tools is there with something in it. */
function hasTools(call: Call): boolean {
  const tools = call.json('tools') ?? call.json('functions');
  return tools !== undefined && tools.subarray(1).find((byte) => byte > 32) !== CLOSE_LIST && tools[0] === 91;
}

/** Items at the end of a conversation among which the user's last words are looked for. */
const maxItems = 16;

function detected(call: Call, languageOf: CallFactsOptions['languageOf']): string | undefined {
  const text = lastWords(call);
  return text === undefined ? undefined : languageOf(text);
}

/** What the user said last, whatever tools have answered since. */
export function lastWords(call: Call): string | undefined {
  const form = conversationForm(call.api);
  if (!form) return textOf(call.json('prompt'));
  const extents = tailExtents(call, maxItems);
  if (extents.length === 0) return textOf(call.json(form.key));
  for (let at = 0; at < extents.length; at += 2) {
    const item = call.received.body.slice(extents[at]!, extents[at + 1]!);
    const heard = item.length > maxItemBytes ? undefined : form.entriesOf(parse(item)).findLast(isSpoken);
    if (heard) return heard.text;
  }
  return undefined;
}

/** Words of the user; images and documents stand as their JSON. */
const isSpoken = ({ kind, text }: Entry): boolean => kind === 'heard' && text !== '' && !text.startsWith('{');

/** Of a prompt that is a plain text. */
function textOf(json: Bytes | undefined): string | undefined {
  const value = json && json.length <= maxItemBytes ? parse(json) : undefined;
  return typeof value === 'string' ? value : undefined;
}
