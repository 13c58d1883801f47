import * as z from 'zod';
import { GatewayError } from '../core/errors.ts';
import { newId, stableId } from '../core/id.ts';
import type { Feedback } from '../core/record.ts';

const text = (most: number) => z.string().min(1).max(most);

const schema = z.strictObject({
  /** The sender's own: the same feedback sent again counts once. */
  id: text(200).optional(),
  call: text(200).optional(),
  callId: text(200).optional(),
  task: text(500).optional(),
  session: text(500).optional(),
  score: z.number().min(-1000).max(1000),
  label: text(200).optional(),
  comment: text(4000).optional(),
});

/** The feedback in a body. @throws {GatewayError} `invalid_request`, naming the field */
export function feedbackIn(body: unknown, nowMs: number): Feedback {
  const { success, data, error } = schema.safeParse(body);
  if (!success) {
    const param = error.issues[0]?.path.join('.');
    throw new GatewayError('invalid_request', z.prettifyError(error).replaceAll('\n', ' '), { ...(param && { param }) });
  }
  const { id, score, label, comment } = data;
  return {
    type: 'feedback',
    id: id === undefined ? newId(nowMs) : stableId('feedback', id), // ids of calls and of feedback must not meet
    at: nowMs,
    about: aboutOf(data),
    score: Math.round(score * 1e6) / 1e6,
    ...(label !== undefined && { label }),
    ...(comment !== undefined && { comment }),
  };
}

function aboutOf({ call, callId, task, session }: z.output<typeof schema>): Feedback['about'] {
  const about = [call, callId, task, session].filter((one) => one !== undefined);
  if (about.length !== 1)
    throw new GatewayError('invalid_request', 'feedback is about one of call, task and session', {
      param: 'call',
      fix: 'name exactly one',
    });
  if (task !== undefined) return { task };
  if (session !== undefined) return { session };
  return { call: (call ?? callId)! };
}
