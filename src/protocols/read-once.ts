import type { Bytes } from '../core/json.ts';
import type { ReplyReader, Told } from './reader.ts';

/** What a reader tells of one whole body. */
export interface WholeTold {
  /** Its JSON was whole. */
  readonly whole: boolean;
  readonly told: Told;
}

interface Known extends WholeTold {
  readonly kind: unknown;
}

/** Goes with the bytes. */
const known = new WeakMap<Bytes, Known>();

/**
 * Reads one whole body with a reader that has read nothing yet, for whoever sees its bytes first: a translator. The meter of the same bytes, which
 * comes behind, is told what was read.
 */
export function readFirst(body: Bytes, reader: ReplyReader): WholeTold {
  const read = { kind: reader.kind, ...readWith(body, reader) };
  if (read.kind !== undefined) known.set(body, read);
  return read;
}

/** The same for whoever sees them last: nothing is remembered, which costs more than it is worth where nobody else asks. */
export function readLast(body: Bytes, reader: ReplyReader): WholeTold {
  const found = reader.kind === undefined ? undefined : known.get(body);
  return found && found.kind === reader.kind ? found : readWith(body, reader);
}

function readWith(body: Bytes, reader: ReplyReader): WholeTold {
  const whole = reader.read(body);
  return { whole, told: reader.told() };
}
