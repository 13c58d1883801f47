import type { ApiId } from '../../core/api.ts';
import type { Bytes } from '../../core/json.ts';
import { skipSpace } from '../../core/json-space.ts';
import { PlainEnds } from '../../core/string-ends.ts';
import { HeldTexts, minHeldBytes, stampOf } from './held-texts.ts';
import { escapedDelete } from './known-lists.ts';
import { isText, type Span } from './text-spans.ts';

/** Where the answer of a whole reply stands. */
interface Place {
  /** Key of its text. */
  readonly key: Bytes;
  /** What beside it needs the text itself, or may hold one that is no answer: arguments of tools are JSON inside a string for some clients, and citations count places. */
  readonly unless: RegExp;
}

const places: { readonly [A in ApiId]?: Place } = {
  'openai.chat': { key: Buffer.from('"content"'), unless: /"(?:tool_calls|function_call|url_citation|citations)"/ },
  'anthropic.messages': { key: Buffer.from('"text"'), unless: /_use"|_result"|"citations"/ },
  'google.generate_content': { key: Buffer.from('"text"'), unless: /"(?:functionCall|executableCode|groundingMetadata|citationMetadata)"/ },
};

export interface HeldReply {
  /** The JSON of the reply with a stamp in the place of its long text. */
  readonly left: string;
  readonly held: HeldTexts;
}

/** The first long text of a whole reply of `api` is not parsed, as those of calls are not: it goes to the client as the bytes it came in. */
export function heldReply(body: Bytes, api: ApiId, minBytes = minHeldBytes): HeldReply | undefined {
  const place = places[api];
  const text = place && body.length >= minBytes && !body.includes(DELETE) ? textBehind(body, place.key) : undefined;
  if (!text || text.to - text.from < Math.max(minBytes, 3) || !isText(body, text.from, text.to)) return undefined;
  const left = `${body.toString('utf8', 0, text.from)}"${stampOf(0)}"${body.toString('utf8', text.to)}`;
  if (place!.unless.test(left) || escapedDelete.test(left)) return undefined;
  return { left, held: new HeldTexts(body, [text]) };
}

/** The string behind the first key of that name: inside of strings quotes are escaped, so that it can be no other. */
function textBehind(body: Bytes, key: Bytes): Span | undefined {
  for (let at = body.indexOf(key); at !== -1; at = body.indexOf(key, at + 1)) {
    const colon = skipSpace(body, at + key.length);
    if (body[colon] !== COLON) continue; // a value
    const from = skipSpace(body, colon + 1);
    const to = body[from] === QUOTE ? new PlainEnds(body).stringEnd(from + 1) : -1;
    return to === -1 ? undefined : { from, to };
  }
  return undefined;
}

const QUOTE = 0x22;
const COLON = 0x3a;
const DELETE = 0x7f;
