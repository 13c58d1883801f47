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

/** Reads one whole body with a reader that has read nothing yet. Where a reply is translated, its meter and the translator ask for the same bytes: the second is told what the first was. */
export function readOnce(body: Bytes, reader: ReplyReader): WholeTold {
  const { kind } = reader;
  const found = kind === undefined ? undefined : known.get(body);
  if (found && found.kind === kind) return found;
  const whole = reader.read(body);
  const read = { kind, whole, told: reader.told() };
  if (kind !== undefined) known.set(body, read);
  return read;
}
