import type { ApiId } from '../../core/api.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Flow, Sink } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import { rewriteJson } from '../../text/sensitivity/json-text.ts';
import { eventEnds } from '../sse.ts';
import { Channels, type Frame, type Rewriter } from './channels.ts';

export interface RewriteOptions {
  readonly api: ApiId;
  /** `content-type` of the reply. */
  readonly contentType: string | undefined;
  /** One event of a stream at most; a longer one breaks the reply off. */
  readonly maxEventBytes: number;
  /** A whole body at most; a longer one breaks the reply off. */
  readonly maxBodyBytes: number;
}

/** The same reply with its texts changed: a body when it is whole, a stream event by event. All other bytes stay. */
export function rewriteReply(flow: Flow, rewriter: Rewriter, options: RewriteOptions): Flow {
  const type = options.contentType?.toLowerCase() ?? '';
  if (type.startsWith('text/event-stream')) return { to: (sink) => flow.to(eventStream(sink, rewriter, options)) };
  if (type !== '' && !/json/.test(type)) return flow;
  return { to: (sink) => flow.to(byFirstByte(sink, rewriter, options)) };
}

function eventStream(sink: Sink, rewriter: Rewriter, { api, maxEventBytes }: RewriteOptions): Sink {
  const channels = new Channels(api, rewriter);
  const endOf = eventEnds();
  const waiting = new Pieces(maxEventBytes, 'an event');
  const give = (frames: readonly Frame[]): void => {
    if (frames.length > 0) sink.write(Buffer.from(frames.map(({ before, json, after }) => before + json + after).join('')));
  };
  const written = (event: Bytes): readonly Frame[] => {
    const frame = frameOf(event.toString('utf8'));
    return frame.json === '' ? [frame] : channels.write(frame);
  };
  return broken(sink, {
    write(chunk) {
      let at = 0;
      const frames: Frame[] = [];
      for (let end = endOf(chunk, at); end !== -1; end = endOf(chunk, at)) {
        frames.push(...written(waiting.take(chunk.subarray(at, end))));
        at = end;
      }
      give(frames);
      if (at < chunk.length) waiting.add(chunk.subarray(at));
    },
    end() {
      const rest = waiting.take(nothing);
      give([...(rest.length > 0 ? written(rest) : []), ...channels.end()]);
    },
  });
}

const nothing: Bytes = Buffer.alloc(0);
const dataLine = /(^|[\r\n])data:[ ]?([^\r\n]*)/g;

/** The data of an event, and the lines around it. Several lines of data become one: JSON has no line break that matters. */
function frameOf(event: string): Frame {
  const lines = [...event.matchAll(dataLine)];
  const [first] = lines;
  if (!first) return { before: event, json: '', after: '' };
  const from = first.index + first[0].length - first[2]!.length;
  const last = lines.at(-1)!;
  return { before: event.slice(0, from), json: lines.map((line) => line[2]).join(' '), after: event.slice(last.index + last[0].length) };
}

/** A document, or the list in which Google streams without `alt=sse`. */
function byFirstByte(sink: Sink, rewriter: Rewriter, options: RewriteOptions): Sink {
  const body = new Pieces(options.maxBodyBytes, 'a reply');
  let list: ReturnType<typeof listStream> | undefined;
  return broken(sink, {
    write(chunk) {
      if (list) return list.write(chunk);
      body.add(chunk);
      const first = chunk.find((byte) => byte > 0x20);
      if (body.length > chunk.length || first !== 0x5b || !options.api.startsWith('google.')) return undefined;
      list = listStream(sink, rewriter, options);
      return list.write(body.take(nothing));
    },
    end() {
      if (list) return list.end();
      const whole = body.take(nothing);
      if (whole.length > 0) sink.write(wholeBody(whole, rewriter));
      return undefined;
    },
  });
}

function wholeBody(body: Bytes, { whole }: Rewriter): Bytes {
  const json = body.toString('utf8');
  try {
    const changed = rewriteJson(json, { rewrite: whole });
    return changed === json ? body : Buffer.from(changed);
  } catch (cause) {
    if (cause instanceof SyntaxError) return body; // an error page, say: nothing of it can be trusted to be where it seems
    throw cause;
  }
}

/** Elements of a list, each when it is whole; what stands between them goes on as it is. */
function listStream(sink: Sink, rewriter: Rewriter, { api, maxEventBytes }: RewriteOptions): Pick<Sink, 'write'> & { end: () => void } {
  const channels = new Channels(api, rewriter);
  const held = new Pieces(maxEventBytes, 'an event');
  const cut = elementCutter();
  const give = (element: Bytes): void => {
    const frames = channels.write({ before: '', json: element.toString('utf8'), after: '' });
    sink.write(Buffer.from(frames.map(({ json }) => json).join(',')));
  };
  return {
    write(chunk) {
      let from = 0;
      for (const { at, opens } of cut(chunk)) {
        if (opens) {
          if (at > from) sink.write(chunk.subarray(from, at));
        } else give(held.take(chunk.subarray(from, at)));
        from = at;
      }
      if (from < chunk.length) {
        if (cut.isInside()) held.add(chunk.subarray(from));
        else sink.write(chunk.subarray(from));
      }
    },
    end() {},
  };
}

interface Turn {
  /** An element begins at this byte, or ended before it. */
  readonly at: number;
  readonly opens: boolean;
}

/** Where the objects of a list begin and end. */
function elementCutter(): ((chunk: Bytes) => readonly Turn[]) & { isInside: () => boolean } {
  let depth = 0;
  let inString = false;
  let escaped = false;
  const cut = (chunk: Bytes): readonly Turn[] => {
    const turns: Turn[] = [];
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at]!;
      if (inString) {
        if (escaped) escaped = false;
        else if (byte === 0x5c) escaped = true;
        else if (byte === 0x22) inString = false;
      } else if (byte === 0x22) inString = true;
      else if (byte === 0x7b && (depth += 1) === 1) turns.push({ at, opens: true });
      else if (byte === 0x7d && (depth -= 1) === 0) turns.push({ at: at + 1, opens: false });
    }
    return turns;
  };
  return Object.assign(cut, { isInside: () => depth > 0 });
}

/** Bytes that wait for the rest of what they belong to. */
class Pieces {
  readonly #limit: number;
  readonly #what: string;
  #pieces: Bytes[] = [];
  length = 0;

  constructor(limitBytes: number, what: string) {
    this.#limit = limitBytes;
    this.#what = what;
  }

  add(piece: Bytes): void {
    this.#pieces.push(piece);
    this.length += piece.length;
    if (this.length > this.#limit)
      throw new GatewayError('provider_error', `the provider sent ${this.#what} of more than ${this.#limit} bytes`);
  }

  take(last: Bytes): Bytes {
    const whole = this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
    this.#pieces = [];
    this.length = 0;
    return whole;
  }
}

interface Writing {
  write(chunk: Bytes): void;
  end(): void;
}

/** What cannot be rewritten breaks the reply off, for the client would get it wrong. */
function broken(sink: Sink, writing: Writing): Sink {
  let stop: ((reason: Error) => void) | undefined;
  let failed: Error | undefined;
  const guarded = (work: () => void): void => {
    try {
      work();
    } catch (error) {
      failed = GatewayError.from(error);
      stop?.(failed);
    }
  };
  return {
    open: (valve) => {
      stop = (reason) => valve.abort(reason);
      sink.open(valve);
    },
    write: (chunk) => {
      if (!failed) guarded(() => writing.write(chunk));
    },
    end: (error) => {
      if (!error && !failed) guarded(() => writing.end());
      sink.end(failed ?? error);
    },
  };
}
