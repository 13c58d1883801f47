/** A raw list of headers (name, value ...) without those of this lower-case name. */
export const without = (headers: readonly string[], name: string): string[] =>
  headers.filter((_, at) => headers[at - (at % 2)]!.toLowerCase() !== name);

/** Headers that ask for a reply as it reads: only plain text can be changed on its way. */
export const uncompressed = (headers: readonly string[]): string[] => [
  ...without(headers, 'accept-encoding'),
  'accept-encoding',
  'identity',
];
