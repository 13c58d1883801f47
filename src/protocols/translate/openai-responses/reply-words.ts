import type { Citation } from '../../../core/canonical/part.ts';
import type { Json } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import { field, text } from '../../count.ts';

const incompleteReasons: Readonly<Record<string, FinishReason>> = { max_output_tokens: 'length', content_filter: 'content_filter' };

/** Why a response ended: `called` and `refused` tell what it holds. */
export function finishOf(response: unknown, called: boolean, refused: boolean): FinishReason {
  if (field(response, 'status') === 'incomplete')
    return incompleteReasons[text(field(field(response, 'incomplete_details'), 'reason')) ?? ''] ?? 'other';
  if (called) return 'tool_calls';
  return refused ? 'refusal' : 'stop';
}

/** An annotation of an output text. */
export function citationOf(annotation: unknown): Citation {
  const number = (key: string): number | undefined => {
    const value = field(annotation, key);
    return typeof value === 'number' ? value : undefined;
  };
  const [from, to] = [number('start_index'), number('end_index')];
  const url = text(field(annotation, 'url'));
  const title = text(field(annotation, 'title')) ?? text(field(annotation, 'filename'));
  return {
    ...(url !== undefined && { url }),
    ...(title !== undefined && { title }),
    ...(from !== undefined && { from }),
    ...(to !== undefined && { to }),
    raw: { api: 'openai.responses', value: annotation as Json },
  };
}
