/** Names and ids come from outside: a longer one is none, and must not fill the ledger. */
export const maxNameLength = 256;
export const clipped = (name: string): string => (name.length > maxNameLength ? `${name.slice(0, maxNameLength)}...` : name);

/** Fractions of a microsecond are noise, and cost bytes in every record. */
export const toMicroseconds = (ms: number): number => Math.round(ms * 1000) / 1000;
