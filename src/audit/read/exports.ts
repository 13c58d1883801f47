import { openaiDialect } from '../../protocols/dialect.ts';
import { exclusive } from '../../protocols/exclusive.ts';
import type { Buckets } from '../../core/usage.ts';
import type { ReadCall } from '../call.ts';
import { timeOf, type FileFacts } from './reader.ts';

export type ExportKind = 'openai-usage' | 'anthropic-usage';

type Cells = Readonly<Record<string, string>>;

/** Reads the rows of one export; each sums the calls of a stretch of time, a model and a key. */
export interface RowReader {
  row(text: string, number: number): readonly ReadCall[];
}

/** Which vendor's console wrote a file with this first line; `undefined`: none of them. */
export function exportKind(header: string): ExportKind | undefined {
  const names = new Set(cellsOf(header));
  if (names.has('usage_date_utc') && names.has('usage_output_tokens')) return 'anthropic-usage';
  const isOpenai = names.has('start_time') && (names.has('num_model_requests') || names.has('input_tokens'));
  return isOpenai || (names.has('n_context_tokens_total') && names.has('n_generated_tokens_total')) ? 'openai-usage' : undefined;
}

export function exportReader(header: string, kind: ExportKind, file: FileFacts): RowReader {
  const names = cellsOf(header);
  const read = kind === 'openai-usage' ? openaiRow : anthropicRow;
  return {
    row: (text, number) => {
      const values = cellsOf(text);
      const cells = Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
      const call = read(cells, `${file.name}:${number}`);
      return call ? [call] : [];
    },
  };
}

const byteOrderMark = /^\uFEFF/;

/** The cells of one line, by commas or tabs; a quoted cell may hold commas, and quotes written twice. */
export function cellsOf(line: string): readonly string[] {
  const bare = line.replace(byteOrderMark, '').replace(/\r$/, '');
  const separator = bare.includes('\t') && !bare.includes(',') ? '\t' : ',';
  const cells: string[] = [];
  let cell = '';
  let isQuoted = false;
  for (let at = 0; at < bare.length; at += 1) {
    const character = bare[at]!;
    if (isQuoted && character === '"' && bare[at + 1] === '"') cell += bare[(at += 1)]!;
    else if (character === '"') isQuoted = !isQuoted;
    else if (character === separator && !isQuoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  return [...cells, cell];
}

const count = (cells: Cells, ...names: readonly string[]): number | undefined => {
  const text = names.map((name) => cells[name]).find((each) => each !== undefined && each !== '');
  const value = Number(text);
  return text === undefined || !Number.isFinite(value) || value < 0 ? undefined : Math.round(value);
};

/** OpenAI's usage page: one row a model, project, key and stretch of time; a stretch without use has no model. */
function openaiRow(cells: Cells, where: string): ReadCall | undefined {
  const model = cells['model'] || cells['snapshot_id'];
  if (!model) return undefined;
  const calls = count(cells, 'num_model_requests', 'n_requests') ?? 0;
  const prompt = count(cells, 'input_tokens', 'n_context_tokens_total');
  const totals = {
    prompt,
    audio: count(cells, 'input_audio_tokens'),
    image: count(cells, 'input_image_tokens'),
    cacheRead: count(cells, 'input_cached_tokens', 'n_cached_context_tokens_total'),
    cacheReadAudio: count(cells, 'input_cached_audio_tokens'),
    cacheReadImage: count(cells, 'input_cached_image_tokens'),
    cacheWrite: count(cells, 'input_cache_write_tokens'),
    completion: count(cells, 'output_tokens', 'n_generated_tokens_total'),
    outputAudio: count(cells, 'output_audio_tokens'),
    outputImage: count(cells, 'output_image_tokens'),
  };
  const isBatch = /^true$/i.test(cells['batch'] ?? '');
  return {
    ...sumOf('openai-usage', where, model, exclusive(totals, openaiDialect, new Set())),
    at: timeOf(cells['start_time_iso'] || cells['start_time'] || cells['aggregation_timestamp'] || cells['usage_date'] || undefined),
    calls,
    app: cells['project_name'] || cells['project_id'] || cells['project'] || undefined,
    served: isBatch ? { serviceTier: 'batch' } : cells['service_tier'] ? { serviceTier: cells['service_tier'] } : {},
    inputEach: calls > 0 ? (prompt ?? 0) / calls : 0,
  };
}

const longContext = 200_001;

/** Anthropic's console: one row a model, key, workspace and day; it does not tell how many calls. */
function anthropicRow(cells: Cells, where: string): ReadCall | undefined {
  const model = cells['model_version'];
  if (!model) return undefined;
  const filled = (bucket: keyof Buckets, name: string): Buckets => {
    const tokens = count(cells, name) ?? 0;
    return tokens > 0 ? { [bucket]: tokens } : {};
  };
  const buckets: Buckets = {
    input: count(cells, 'usage_input_tokens_no_cache') ?? 0,
    ...filled('cacheWrite5m', 'usage_input_tokens_cache_write_5m'),
    ...filled('cacheWrite1h', 'usage_input_tokens_cache_write_1h'),
    ...filled('cacheRead', 'usage_input_tokens_cache_read'),
    output: count(cells, 'usage_output_tokens') ?? 0,
    ...filled('webSearch', 'web_search_count'),
  };
  const known = (name: string): string | undefined => (/^(?:|not_available|n\/a)$/i.test(cells[name] ?? '') ? undefined : cells[name]);
  return {
    ...sumOf('anthropic-usage', where, model, buckets),
    at: timeOf(cells['usage_date_utc']),
    calls: 0,
    app: cells['workspace'] || undefined,
    served: {
      ...(known('usage_type') && { serviceTier: known('usage_type')! }),
      ...(known('speed') && { speed: known('speed')! }),
      ...(known('inference_geo') && { inferenceGeo: known('inference_geo')! }),
    },
    inputEach: /^\s*>/.test(cells['context_window'] ?? '') ? longContext : 0,
  };
}

function sumOf(source: ExportKind, where: string, model: string, buckets: Buckets) {
  const provider = source === 'openai-usage' ? 'openai' : 'anthropic';
  return { source, where, provider, requestModel: model, model, outcome: 'ok', buckets, usageSource: 'provider' } as const;
}
