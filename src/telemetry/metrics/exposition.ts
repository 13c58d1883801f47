import { Histogram } from './histogram.ts';

/** Prometheus' text format 0.0.4, or OpenMetrics 1.0. They differ in the names of counters and in the end. */
export type ExpositionFormat = 'text' | 'openmetrics';

export const contentTypes: Readonly<Record<ExpositionFormat, string>> = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

/** By the `accept` header of the request. */
export const formatFor = (accept: string | undefined): ExpositionFormat =>
  accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'text';

export type LabelPairs = readonly (readonly [name: string, value: string])[];

export interface Family {
  /** Of a counter without `_total`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly samples: readonly { readonly labels: LabelPairs; readonly value: number | Histogram }[];
}

/** The text of a scrape. Families without a sample are left out. */
export function exposition(families: readonly Family[], format: ExpositionFormat): string {
  const lines: string[] = [];
  for (const family of families) if (family.samples.length > 0) write(lines, family, format);
  if (format === 'openmetrics') lines.push('# EOF');
  return `${lines.join('\n')}\n`;
}

function write(lines: string[], { name, type, help, samples }: Family, format: ExpositionFormat): void {
  const sampleName = type === 'counter' ? `${name}_total` : name;
  const familyName = format === 'openmetrics' ? name : sampleName;
  lines.push(`# HELP ${familyName} ${help.replace(/[\\\n]/g, (char) => (char === '\n' ? '\\n' : '\\\\'))}`, `# TYPE ${familyName} ${type}`);
  for (const { labels, value } of samples)
    if (value instanceof Histogram) writeHistogram(lines, name, labels, value);
    else lines.push(`${sampleName}${labelText(labels)} ${numberText(value)}`);
}

function writeHistogram(lines: string[], name: string, labels: LabelPairs, { bounds, counts, sum, count }: Histogram): void {
  let cumulative = 0;
  for (const [at, bound] of [...bounds, Infinity].entries()) {
    cumulative += counts[at]!;
    lines.push(`${name}_bucket${labelText([...labels, ['le', numberText(bound)]])} ${cumulative}`);
  }
  lines.push(`${name}_sum${labelText(labels)} ${numberText(sum)}`, `${name}_count${labelText(labels)} ${count}`);
}

const numberText = (value: number): string => (value === Infinity ? '+Inf' : Number.isInteger(value) ? value.toFixed(0) : String(value));

const labelText = (labels: LabelPairs): string =>
  labels.length === 0 ? '' : `{${labels.map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`).join(',')}}`;

const escaped = (char: string): string => (char === '\n' ? '\\n' : `\\${char}`);
