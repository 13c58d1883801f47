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
