import type { ApiId } from '../../core/api.ts';
import { rewriteJson, type Place } from '../../text/sensitivity/json-text.ts';
import { eventTexts, type Slot } from './slots.ts';

/** Changes one text that comes in pieces. */
export interface TextRewriter {
  /** What of the text can go on. */
  write(piece: string): string;
  /** What was held back. */
  end(): string;
}

/** How the texts of a reply are changed. */
export interface Rewriter {
  /** A text that is whole; in JSON that stands in a string, without the escapes of that. */
  readonly whole: (text: string) => string;
  /** `isJson`: the text is JSON by itself. */
  readonly pieces: (isJson: boolean) => TextRewriter;
}

/** An event between the characters around it. */
export interface Frame {
  readonly before: string;
  readonly json: string;
  readonly after: string;
}

interface Channel {
  readonly rewriter: TextRewriter;
  /** The event its last piece came in, and where. */
  frame: Frame;
  path: string;
}

/** The texts of one stream, each followed through its events. */
export class Channels {
  readonly #api: ApiId;
  readonly #rewriter: Rewriter;
  readonly #channels = new Map<string, Channel>();

  constructor(api: ApiId, rewriter: Rewriter) {
    this.#api = api;
    this.#rewriter = rewriter;
  }

  /** An event with its texts changed, behind those that must go before it: what was held back of texts that end here. */
  write(frame: Frame): readonly Frame[] {
    const event = parsed(frame.json);
    if (event === undefined) return [...this.end(), frame];
    const { slots, closes } = eventTexts[this.#api](event);
    const here = new Map(slots.map((slot) => [slot.path, slot]));
    const isClosing = (name: string): boolean => closes.some((start) => name.startsWith(start));
    const named = new Set(slots.map(({ channel }) => channel));
    const flushed = this.#flush((name) => isClosing(name) && !named.has(name));
    const json = this.#changed(frame, here, slots, isClosing);
    return [...flushed, { ...frame, json }];
  }

  /** What is held back of all texts. */
  end(): readonly Frame[] {
    return this.#flush(() => true);
  }

  #changed(frame: Frame, here: ReadonlyMap<string, Slot>, slots: readonly Slot[], isClosing: (name: string) => boolean): string {
    const slotAt = ({ path, nesting }: Place): Slot | undefined => (nesting === 0 ? here.get(path.join('/')) : undefined);
    return rewriteJson(frame.json, {
      opens: (place) => slotAt(place) === undefined,
      rewrite: (text, place) => {
        const slot = slotAt(place);
        if (!slot) return this.#rewriter.whole(text);
        const isLast = slots.findLast(({ channel }) => channel === slot.channel) === slot;
        return this.#piece(slot, text, frame, isLast && isClosing(slot.channel));
      },
    });
  }

  #piece({ channel: name, path, isJson }: Slot, text: string, frame: Frame, isLast: boolean): string {
    const channel = this.#channels.get(name) ?? { rewriter: this.#rewriter.pieces(isJson), frame, path };
    this.#channels.set(name, channel);
    channel.frame = frame;
    channel.path = path;
    const written = channel.rewriter.write(text);
    if (!isLast) return written;
    this.#channels.delete(name);
    return written + channel.rewriter.end();
  }

  #flush(ends: (name: string) => boolean): readonly Frame[] {
    const frames: Frame[] = [];
    for (const [name, channel] of this.#channels) {
      if (!ends(name)) continue;
      this.#channels.delete(name);
      const held = channel.rewriter.end();
      if (held !== '') frames.push(this.#heldFrame(channel, held));
    }
    return frames;
  }

  /** The event of the last piece once more, with what was held back as its only text. */
  #heldFrame({ frame, path: own }: Channel, held: string): Frame {
    const paths = new Set(eventTexts[this.#api](parsed(frame.json)).slots.map(({ path }) => path));
    const json = rewriteJson(frame.json, {
      opens: ({ path, nesting }) => nesting > 0 || !paths.has(path.join('/')),
      rewrite: (text, { path, nesting }) => {
        const at = path.join('/');
        if (nesting > 0 || !paths.has(at)) return text;
        return at === own ? held : '';
      },
    });
    return { ...frame, json };
  }
}

/** `undefined` where an event is no JSON, such as `[DONE]`. */
function parsed(json: string): unknown {
  if (!json.startsWith('{') && !/^\s*\{/.test(json)) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
