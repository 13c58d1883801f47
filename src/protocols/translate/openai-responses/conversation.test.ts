import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { argumentsOf } from '../custom-tool.ts';
import { Gathering } from '../gather.ts';
import type { ReplyClient } from '../translator.ts';
import { heldReply } from '../held-reply.ts';
import { continued, isStored, rememberReply, type Going, type Memory } from './conversation.ts';
import { openaiResponses } from './index.ts';
import { createResponseState } from './state.ts';

const memoryOf = (
  owner = 'key_1',
  state = createResponseState({ maxEntries: 10, maxBytes: 1_000_000, ttlMs: 1000, now: () => 0 }),
): Memory => ({
  state,
  owner,
  body: Buffer.from('{}'),
});

const tools: Json = [
  { type: 'function', name: 'exec_command', parameters: { type: 'object', properties: {} } },
  { type: 'custom', name: 'apply_patch' },
];

const events: readonly ReplyEvent[] = [
  { type: 'start', id: 'chatcmpl-1', model: 'm' },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Hm.' } },
  { type: 'part-delta', index: 0, delta: { type: 'seal', seal: { family: 'anthropic', kind: 'signature', data: 'c2ln' } } },
  { type: 'part-end', index: 0 },
  { type: 'part-start', index: 1, candidate: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 1, delta: { type: 'text', text: 'Patching.' } },
  { type: 'part-end', index: 1 },
  { type: 'part-start', index: 2, candidate: 0, part: { type: 'tool-call', id: 'call_1', name: 'apply_patch' } },
  { type: 'part-delta', index: 2, delta: { type: 'arguments', text: argumentsOf('*** Begin Patch') } },
  { type: 'part-end', index: 2 },
  { type: 'finish', candidate: 0, reason: 'tool_calls' },
  { type: 'end' },
];

interface Step {
  readonly call: CanonicalCall;
  readonly response: { readonly id: string; readonly output: readonly { readonly id: string; readonly type: string }[] };
}

/** One call of a client, answered with `events`. */
function step(body: JsonObject, shared: Memory, requestId: string): Step {
  const json = { model: 'm', tools, ...body };
  const memory = { ...shared, body: Buffer.from(JSON.stringify(json)) };
  const decoded = continued(openaiResponses.decodeCall(json, {}).call, json, memory);
  if ('error' in decoded) throw new Error(decoded.error.message);
  const client: ReplyClient = { call: decoded.call, requestId, createdAt: 1, framing: 'sse' };
  const gathering = new Gathering();
  const encoder = openaiResponses.encodeReply(client);
  const bytes = events.map((event) => {
    gathering.add(event);
    return encoder.write(event);
  });
  if (isStored(decoded.call)) rememberReply({ gathering }, decoded.history, client, memory);
  return { call: decoded.call, response: JSON.parse(bytes.at(-1)!.toString()) as Step['response'] };
}

const said = ({ messages }: CanonicalCall): readonly string[] =>
  messages.map(({ role, parts }) => `${role}: ${parts.map((part) => ('text' in part ? part.text : part.type)).join(', ')}`);

test('a call goes on from an earlier response; its own instructions replace those of earlier', () => {
  const memory = memoryOf();
  const first = step({ instructions: 'Be brief.', input: 'Patch it.' }, memory, 'request-1');
  const output = { type: 'custom_tool_call_output', call_id: 'call_1', output: 'Done' };
  const second = step({ instructions: 'Be kind.', input: [output], previous_response_id: first.response.id }, memory, 'request-2');
  assert.deepEqual(said(second.call), ['system: Be kind.', 'user: Patch it.', 'assistant: Hm., Patching., tool-call', 'tool: tool-result']);
  assert.deepEqual(second.call.messages[2]!.parts[2], {
    type: 'tool-call',
    id: 'call_1',
    name: 'apply_patch',
    arguments: '*** Begin Patch',
    custom: true,
  });
  assert.equal(second.call.state?.previousResponseId, undefined, 'no provider is asked for it');
  const third = step({ input: 'Thanks.', previous_response_id: second.response.id }, memory, 'request-3');
  assert.equal(third.call.messages.length, 5);
});

test('items that a client refers to are put in place', () => {
  const memory = memoryOf();
  const first = step({ input: 'Patch it.' }, memory, 'request-1');
  const references = first.response.output.map(({ id }) => ({ type: 'item_reference', id }));
  const input = [{ role: 'user', content: 'Patch it.' }, ...references, { role: 'user', content: 'And?' }];
  const second = step({ input }, memory, 'request-2');
  assert.deepEqual(said(second.call), ['user: Patch it.', 'assistant: Hm., Patching., tool-call', 'user: And?']);
  assert.deepEqual(second.call.messages[1]!.parts[0], {
    type: 'reasoning',
    text: 'Hm.',
    seal: { family: 'anthropic', kind: 'signature', data: 'c2ln' },
  });
});

test('a text of the answer that was not parsed is there when somebody goes on from it', () => {
  const memory = { ...memoryOf(), body: Buffer.from('{"model":"m","input":"Patch it."}') };
  const call: CanonicalCall = { model: 'm', stream: false, streamUsage: true, messages: [], tools: [], sampling: {} };
  const text = 'One "word"\n'.repeat(60);
  const reply = heldReply(Buffer.from(JSON.stringify({ content: text })), 'openai.chat')!;
  const gathering = new Gathering();
  for (const event of events.slice(5, 7)) gathering.add(event);
  const { content } = JSON.parse(reply.left) as { readonly content: string };
  gathering.add({ type: 'part-delta', index: 1, delta: { type: 'text', text: content } });
  const { history } = continued(call, {}, memory) as Going;
  rememberReply({ gathering, held: reply.held }, history, { call, requestId: 'request-1', createdAt: 1, framing: 'sse' }, memory);
  const second = step({ input: 'And?', previous_response_id: 'resp_request1' }, memory, 'request-2');
  assert.deepEqual(said(second.call), ['user: Patch it.', `assistant: Patching.${text}`, 'user: And?']);
  assert.ok(memory.state.bytes > 4 * text.length, 'it counts');
});

const failed = (body: JsonObject, memory: Memory) => {
  const json = { model: 'm', ...body };
  const result = continued(openaiResponses.decodeCall(json, {}).call, json, memory);
  if (!('error' in result)) throw new Error('it was continued');
  const { status, body: bytes } = openaiResponses.encodeError(result.error, 'request-1');
  return { status, ...(JSON.parse(bytes.toString()) as { readonly error: object }) };
};

test('an unknown response is an error in the shape of OpenAI', () => {
  assert.deepEqual(failed({ input: 'Go on.', previous_response_id: 'resp_x' }, memoryOf()), {
    status: 400,
    error: {
      message: "Previous response with id 'resp_x' not found.",
      type: 'invalid_request_error',
      param: 'previous_response_id',
      code: 'previous_response_not_found',
    },
  });
});

test('an unknown item is an error in the shape of OpenAI', () => {
  const { status, error } = failed({ input: [{ type: 'item_reference', id: 'msg_x' }] }, memoryOf());
  assert.equal(status, 404);
  assert.match(JSON.stringify(error), /Item with id 'msg_x' not found/);
});

test('nothing is kept of a call with `store: false`', () => {
  const memory = memoryOf();
  const { response } = step({ input: 'Hi', store: false }, memory, 'request-1');
  assert.equal(memory.state.entries, 0);
  assert.equal(failed({ input: 'Go on.', previous_response_id: response.id }, memory).status, 400);
});

test('nobody is given the conversation of another', () => {
  const memory = memoryOf('key_1');
  const { response } = step({ input: 'Hi' }, memory, 'request-1');
  assert.equal(failed({ input: 'Go on.', previous_response_id: response.id }, memoryOf('key_2', memory.state)).status, 400);
});
