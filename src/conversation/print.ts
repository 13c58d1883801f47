import { hash } from 'node:crypto';
import type { Entry } from './entry.ts';
import { errorIn, withoutCounters, withoutVolatile } from './mask.ts';
import { shinglesOf, type Shingles } from './shingles.ts';

/** What is kept of an entry to compare it with others: no word of it. */
export interface Print {
  readonly kind: Entry['kind'];
  /** Name of the tool of a call, else empty. */
  readonly tool: string;
  /** Same digest, same content: arguments to the letter; texts and results but for times, durations and random ids. */
  readonly digest: string;
  /** The same of the error a result tells; `undefined`: it tells none. */
  readonly error: string | undefined;
  readonly shingles: Shingles;
}

/** Longer texts are compared to the letter. */
const maxMaskedChars = 16_384;

const digestOf = (text: string): string => hash('sha1', text, 'base64url');

export function printOf(entry: Entry): Print {
  const { kind, text } = entry;
  const isCall = kind === 'call';
  const tool = isCall ? entry.tool : '';
  const compared = isCall || text.length > maxMaskedChars ? text : withoutVolatile(text);
  const error = kind === 'result' || kind === 'heard' ? errorIn(text, kind === 'result' && entry.failed) : undefined;
  return {
    kind,
    tool,
    digest: digestOf(`${kind}\n${tool}\n${compared}`),
    error: error === undefined ? undefined : digestOf(error),
    shingles: shinglesOf(text.length > maxMaskedChars ? text : isCall ? withoutCounters(`${tool} ${text}`) : compared),
  };
}
