import type { Family } from '../../core/api.ts';
import type { Seal } from '../../core/canonical/part.ts';

/**
 * Clients keep opaque texts (signatures, encrypted reasoning) and give them back with the next call. Through a client of another family
 * a seal travels inside that client's own opaque field, with a prefix that says whose it is.
 */
const prefix = 'modicum.';
const kinds: ReadonlySet<string> = new Set(['signature', 'redacted', 'encrypted'] satisfies readonly Seal['kind'][]);
const families: ReadonlySet<string> = new Set(['openai', 'anthropic', 'google', 'bedrock'] satisfies readonly Family[]);

/** The text for the opaque field of a client of `family`: a seal of its own family stays as it is. */
export function sealText(seal: Seal, family: Family): string {
  if (seal.family === family) return seal.data;
  return `${prefix}${seal.family}.${seal.kind}.${encodeURIComponent(seal.id ?? '')}.${seal.data}`;
}

/** The seal in an opaque field of a client; `own`: what it is when it is not one of another family. */
export function sealOf(text: string, own: Omit<Seal, 'data'>): Seal {
  if (!text.startsWith(prefix)) return { ...own, data: text };
  const [family = '', kind = '', id = '', ...data] = text.slice(prefix.length).split('.');
  if (!families.has(family) || !kinds.has(kind)) return { ...own, data: text };
  const name = decoded(id);
  return { family: family as Family, kind: kind as Seal['kind'], data: data.join('.'), ...(name === '' ? {} : { id: name }) };
}

function decoded(id: string): string {
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}
