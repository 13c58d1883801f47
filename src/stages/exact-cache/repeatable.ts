import { apis, type Operation } from '../../core/api.ts';
import type { Call } from '../../core/call.ts';
import type { Bytes } from '../../core/json.ts';

const operations: ReadonlySet<Operation> = new Set<Operation>(['chat', 'text_completion', 'generate_content', 'embeddings']);

/** Whether calls of this kind have an answer to keep: counting tokens costs nothing, and what is passed through is not read. */
export const isAnswered = ({ api }: Call): boolean => operations.has(apis[api].operation);

export const isEmbedding = ({ api }: Call): boolean => apis[api].operation === 'embeddings';

/** Where the APIs keep their settings, beside the top level. */
const settingsKeys = ['generationConfig', 'generation_config', 'inferenceConfig'];
const maxSettingsBytes = 64 * 1024;

/** Whether the caller expects the same answer each time: temperature 0 said in so many words, or a seed; embeddings always. */
export function isDeterministic(call: Call): boolean {
  return isEmbedding(call) || isZero(setting(call, 'temperature')) || isNumber(setting(call, 'seed'));
}

/** Whether the call does more than answer, or answers more than once: then a copy of the answer is not the same. */
export function isRepeatable(call: Call): boolean {
  if (isTrue(call.json('background')) || isSet(call.json('conversation'))) return false;
  return ['n', 'best_of', 'candidateCount', 'candidate_count'].every((key) => isOne(setting(call, key)));
}

const isZero = (value: unknown): boolean => value === 0;
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isOne = (value: unknown): boolean => value === undefined || value === null || value === 1;
const isTrue = (json: Bytes | undefined): boolean => json?.toString('latin1') === 'true';
const isSet = (json: Bytes | undefined): boolean => json !== undefined && json.toString('latin1') !== 'null';

function setting(call: Call, name: string): unknown {
  const json = call.json(name);
  if (json) return parsed(json);
  for (const key of settingsKeys) {
    const settings = call.json(key);
    const value = settings && (parsed(settings) as Readonly<Record<string, unknown>> | null | undefined);
    if (typeof value === 'object' && value && Object.hasOwn(value, name)) return value[name];
  }
  return undefined;
}

/** What is too long or cannot be read says nothing that makes a call deterministic, and is not one answer either. */
function parsed(json: Bytes): unknown {
  if (json.length > maxSettingsBytes) return Number.NaN;
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return 'unreadable';
  }
}
