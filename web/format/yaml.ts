export type Plain = null | boolean | number | string | readonly Plain[] | { readonly [key: string]: Plain | undefined };

/** A configuration for reading: what is empty on its line, the rest indented. */
export function yamlOf(value: Plain, indent = ''): string {
  if (!isNested(value)) return scalar(value);
  if (Array.isArray(value))
    return (value as readonly Plain[]).map((item) => `${indent}- ${nested(item, `${indent}  `).trimStart()}`).join('\n');
  return Object.entries(value as { readonly [key: string]: Plain | undefined })
    .filter((entry): entry is [string, Plain] => entry[1] !== undefined)
    .map(([key, item]) => `${indent}${key}:${isNested(item) ? `\n${yamlOf(item, `${indent}  `)}` : ` ${scalar(item)}`}`)
    .join('\n');
}

const nested = (value: Plain, indent: string): string => (isNested(value) ? yamlOf(value, indent) : scalar(value));

const isNested = (value: Plain): boolean => typeof value === 'object' && value !== null && Object.keys(value).length > 0;

function scalar(value: Plain): string {
  if (Array.isArray(value)) return '[]';
  if (typeof value === 'object' && value !== null) return '{}';
  return typeof value === 'string' && !/^[\w./*-][\w ./*@-]*$/.test(value) ? JSON.stringify(value) : String(value);
}

/** The lines that hold the words, what stands under them, and what they stand under. No words: all lines. */
export function linesWith(text: string, words: string): string {
  const wanted = words.toLowerCase().trim();
  if (wanted === '') return text;
  const shown = new Set<number>();
  const above: { readonly at: number; readonly depth: number; readonly isFound: boolean }[] = [];
  const lines = text.split('\n');
  for (const [at, line] of lines.entries()) {
    const depth = line.search(/\S/);
    while (above.length > 0 && above.at(-1)!.depth >= depth) above.pop();
    const isFound = line.toLowerCase().includes(wanted) || above.some((parent) => parent.isFound);
    above.push({ at, depth, isFound });
    if (isFound) for (const each of above) shown.add(each.at);
  }
  return lines.filter((_, at) => shown.has(at)).join('\n');
}
