import fc from 'fast-check';
import { cacheLifetimes } from '../../core/canonical/cache.ts';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { Feature } from '../../core/canonical/feature.ts';
import type { Message } from '../../core/canonical/message.ts';
import type { AssistantPart, ToolCallPart, ToolResultPart, UserPart } from '../../core/canonical/part.ts';
import { efforts } from '../../core/canonical/reasoning.ts';
import type { Tool } from '../../core/canonical/tool.ts';
import type { JsonObject } from '../../core/json.ts';
import { compact } from './fields.ts';
import { withToolNames } from './tool-names.ts';

type Arbitrary<T> = fc.Arbitrary<T>;

const text = fc.string({ minLength: 1, maxLength: 20, unit: 'grapheme' });
const name = fc.stringMatching(/^[a-z][a-z0-9_]{0,11}$/);
const base64 = fc.uint8Array({ minLength: 3, maxLength: 12 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const url = fc.stringMatching(/^[a-z0-9]{1,8}$/).map((path) => `https://example.com/${path}.png`);
const schema: Arbitrary<JsonObject> = fc.record({
  type: fc.constant('object'),
  properties: fc.dictionary(name, fc.constantFrom({ type: 'string' }, { type: 'number' }), { maxKeys: 3 }),
  required: fc.constant([]),
  additionalProperties: fc.constant(false),
}) as Arbitrary<JsonObject>;
const jsonArguments = fc.dictionary(name, fc.oneof(text, fc.integer(), fc.boolean()), { maxKeys: 3 }).map((value) => JSON.stringify(value));

/** Random calls that use everything but `without`. Ids of tool calls are found again in the answers. */
export function arbitraryCall(without: ReadonlySet<Feature> = new Set()): Arbitrary<CanonicalCall> {
  const may = <T>(feature: Feature, value: Arbitrary<T>): Arbitrary<T | undefined> =>
    without.has(feature) ? fc.constant(undefined) : fc.option(value, { nil: undefined, freq: 2 });
  const among = <T>(...choices: readonly (readonly [Feature, Arbitrary<T>])[]): Arbitrary<T> =>
    fc.oneof(...choices.filter(([feature]) => !without.has(feature)).map(([, arbitrary]) => arbitrary));
  const mark = may('cache.mark', fc.record({ ttl: may('cache.ttl', fc.constantFrom(...cacheLifetimes)) }).map(compact));
  const marked = <T extends object>(part: Arbitrary<T>): Arbitrary<T> =>
    fc.tuple(part, mark).map(([fields, cache]) => ({ ...fields, ...(cache && { cache }) }));

  const textPart = marked(fc.record({ type: fc.constant('text' as const), text }));
  const image = (source: Arbitrary<object>) =>
    marked(
      fc
        .record({ type: fc.constant('image' as const), source, detail: may('image.detail', fc.constantFrom('auto', 'low', 'high')) })
        .map(compact),
    ) as Arbitrary<UserPart>;
  const file = (source: Arbitrary<object>) =>
    marked(
      fc
        .record({
          type: fc.constant('file' as const),
          source,
          name: without.has('file.name') ? fc.constant(undefined) : fc.constant('report.pdf'),
          context: may('file.context', text),
          citations: may('file.citations', fc.constant(true)),
        })
        .map(compact),
    ) as Arbitrary<UserPart>;
  const data = (mediaType: string) => fc.record({ kind: fc.constant('data'), mediaType: fc.constant(mediaType), data: base64 });
  const at = fc.record({ kind: fc.constant('url'), url });
  const kept = fc.record({ kind: fc.constant('file'), id: name });
  const plain = fc.record({ kind: fc.constant('text'), text });
  const media = (type: 'audio' | 'video', mediaType: string) =>
    fc.record({ type: fc.constant(type), source: data(mediaType) }) as Arbitrary<UserPart>;

  const userPart = among<UserPart>(
    ['text', textPart],
    ['image.url', image(at)],
    ['image.data', image(data('image/png'))],
    ['image.file', image(kept)],
    ['file.url', file(at)],
    ['file.data', file(data('application/pdf'))],
    ['file.file', file(kept)],
    ['file.text', file(plain)],
    ['audio', media('audio', 'audio/wav')],
    ['video', media('video', 'video/mp4')],
  );
  const seal = fc.constantFrom(
    { family: 'openai', kind: 'encrypted', data: 'b3Blbg==', id: 'rs_1' } as const,
    { family: 'anthropic', kind: 'signature', data: 'YW50aA==' } as const,
    { family: 'google', kind: 'signature', data: 'Z29vZw==' } as const,
  );
  const reasoning = fc.record({ type: fc.constant('reasoning' as const), text, seal: may('reasoning.seal', seal) }).map(compact);
  const refusal = fc.record({ type: fc.constant('refusal' as const), text });
  const toolCall = (id: string) =>
    fc
      .record({
        type: fc.constant('tool-call' as const),
        id: fc.constant(id),
        name,
        arguments: jsonArguments,
        seal: may('tool_call.seal', seal),
      })
      .map(compact) as Arbitrary<ToolCallPart>;
  const customCall = (id: string) =>
    fc.record({
      type: fc.constant('tool-call' as const),
      id: fc.constant(id),
      name,
      arguments: text,
      custom: fc.constant(true),
    }) as Arbitrary<ToolCallPart>;
  const result = (callId: string): Arbitrary<ToolResultPart> =>
    marked(
      fc
        .record({
          type: fc.constant('tool-result' as const),
          callId: fc.constant(callId),
          content: fc
            .tuple(fc.record({ type: fc.constant('text' as const), text }), may('tool_result.media', image(data('image/png'))))
            .map((parts) => parts.filter((part) => part !== undefined)),
          isError: may('tool_result.error', fc.constant(true)),
        })
        .map(compact),
    ) as Arbitrary<ToolResultPart>;

  const user: Arbitrary<readonly Message[]> = fc
    .record({
      role: fc.constant('user' as const),
      parts: fc.array(userPart, { minLength: 1, maxLength: 3 }),
      name: may('message.name', name),
    })
    .map((message) => [compact(message) as Message]);
  const said = fc.array(among<AssistantPart>(['text', fc.record({ type: fc.constant('text' as const), text })], ['refusal', refusal]), {
    minLength: 1,
    maxLength: 2,
  });
  const opaque = fc.constant<AssistantPart>({ type: 'opaque', api: 'openai.completions', kind: 'unknown', value: { type: 'unknown' } });
  const assistant: Arbitrary<readonly Message[]> = fc
    .tuple(may('reasoning', reasoning), may('opaque', opaque), said)
    .map(([thought, item, parts]) => [{ role: 'assistant', parts: [...(thought ? [thought] : []), ...(item ? [item] : []), ...parts] }]);
  const toolLoop: Arbitrary<readonly Message[]> = fc.uniqueArray(name, { minLength: 1, maxLength: 3 }).chain((ids) =>
    fc
      .tuple(
        may('reasoning', reasoning),
        may('text', textPart),
        fc.tuple(
          ...ids.map((id) => among<ToolCallPart>(['tool_call', toolCall(`call_${id}`)], ['tool_call.custom', customCall(`call_${id}`)])),
        ),
        fc.tuple(...ids.map((id) => result(`call_${id}`))),
      )
      .map(([thought, before, calls, results]): readonly Message[] => [
        { role: 'assistant', parts: [...(thought ? [thought] : []), ...(before ? [before] : []), ...calls] },
        { role: 'tool', parts: results },
      ]),
  );
  const system = (role: 'system' | 'developer'): Arbitrary<readonly Message[]> =>
    fc.array(textPart, { minLength: 1, maxLength: 2 }).map((parts) => [{ role, parts }]);
  const turn = fc.oneof(
    fc.tuple(assistant, user),
    fc.tuple(toolLoop, user),
    fc.tuple(assistant, without.has('message.system_later') ? fc.constant([]) : system('system'), user),
  );
  const messages = fc
    .tuple(
      fc.option(without.has('message.developer') ? system('system') : fc.oneof(system('system'), system('developer')), { nil: [] }),
      user,
      fc.array(turn, { maxLength: 2 }),
      fc.option(toolLoop, { nil: [] }),
    )
    .map(([first, opening, turns, last]) => withToolNames(renumbered([...first, ...opening, ...turns.flat(2), ...last])));

  return fc
    .record({ messages, tools: tools(may), settings: settings(may), choice: fc.nat(3) })
    .map(({ messages, tools, settings }) => callOf(messages, tools, settings));
}

type May = <T>(feature: Feature, value: Arbitrary<T>) => Arbitrary<T | undefined>;
type Settings = Omit<Partial<CanonicalCall>, 'messages' | 'tools'>;

function callOf(messages: readonly Message[], tools: readonly Tool[], settings: Settings): CanonicalCall {
  return { model: 'model-1', stream: false, streamUsage: false, messages, tools, sampling: {}, ...settings };
}

/** Ids of calls, unique over the whole conversation. */
function renumbered(messages: readonly Message[]): readonly Message[] {
  return messages.map((message, at) => {
    const turn = message.role === 'tool' ? at - 1 : at;
    const parts = message.parts.map((part) => {
      if (part.type === 'tool-call') return { ...part, id: `${part.id}_${turn}` };
      return part.type === 'tool-result' ? { ...part, callId: `${part.callId}_${turn}` } : part;
    });
    return { ...message, parts } as Message;
  });
}

function tools(may: May): Arbitrary<readonly Tool[]> {
  const mark = may('cache.mark', fc.constant({}));
  const one = fc
    .record({
      type: fc.constant('function' as const),
      name,
      description: fc.option(text, { nil: undefined }),
      parameters: schema,
      strict: may('tool.strict', fc.boolean()),
      cache: mark,
    })
    .map(compact);
  const custom = may('tool.custom', fc.record({ type: fc.constant('custom' as const), name: fc.constant('free_text'), description: text }));
  const server = may(
    'tool.server',
    fc.constant<Tool>({ type: 'server', api: 'openai.completions', kind: 'unknown', value: { type: 'unknown' } }),
  );
  return fc
    .tuple(fc.uniqueArray(one, { selector: (tool) => tool.name, maxLength: 3 }), custom, server)
    .map((all) => all.flat().filter((tool) => tool !== undefined));
}

function settings(may: May): Arbitrary<Settings> {
  return fc
    .record({
      toolChoice: may('tool_choice', fc.constantFrom({ type: 'auto' }, { type: 'none' }, { type: 'required' } as const)),
      parallelToolCalls: may('parallel_tool_calls', fc.boolean()),
      output: fc.oneof(
        may('output.json', fc.constant({ type: 'json' as const })),
        may('output.schema', fc.record({ type: fc.constant('schema' as const), name, schema, strict: fc.boolean() })),
      ),
      maxOutputTokens: may('max_output_tokens', fc.integer({ min: 1, max: 100_000 })),
      stop: may('stop', fc.array(text, { minLength: 1, maxLength: 4 })),
      sampling: sampling(may),
      candidates: may('candidates', fc.integer({ min: 2, max: 4 })),
      logprobs: may('logprobs', fc.record({ alternatives: fc.integer({ min: 0, max: 5 }) })),
      reasoning: fc
        .oneof(
          may('reasoning.effort', fc.constantFrom(...efforts)).map((effort) => ({ effort })),
          may('reasoning.budget', fc.integer({ min: 1024, max: 30_000 })).map((budgetTokens) => ({ budgetTokens })),
          may('reasoning.adaptive', fc.constant(true)).map((adaptive) => ({ adaptive })),
          may('reasoning.summary', fc.constantFrom('auto', 'concise', 'detailed', 'none')).map((summary) => ({ summary })),
          may('reasoning.sealed', fc.constant(true)).map((sealed) => ({ sealed })),
        )
        .map((reasoning) => (Object.values(reasoning)[0] === undefined ? undefined : reasoning)),
      verbosity: may('verbosity', fc.constantFrom('low', 'medium', 'high')),
      promptCaching: fc
        .record({ key: may('cache.key', name), automatic: may('cache.automatic', fc.constant({})) })
        .map((caching) => ((caching.key ?? caching.automatic) ? compact(caching) : undefined)),
      serviceTier: may('service_tier', fc.constantFrom('auto', 'standard', 'flex', 'priority')),
      metadata: may('metadata', fc.dictionary(name, text, { minKeys: 1, maxKeys: 2 })),
      endUser: may('end_user', name),
      state: fc
        .record({ previousResponseId: may('state.previous_response', name), store: may('state.store', fc.boolean()) })
        .map((state) => ((state.previousResponseId ?? state.store) === undefined ? undefined : compact(state))),
    })
    .map((record) => compact(record) as Settings);
}

const number = (min: number, max: number): Arbitrary<number> => fc.integer({ min: min * 10, max: max * 10 }).map((tenths) => tenths / 10);

const sampling = (may: May): Arbitrary<CanonicalCall['sampling']> =>
  fc
    .record({
      temperature: may('temperature', number(0, 1)),
      topP: may('top_p', number(0, 1)),
      topK: may('top_k', fc.integer({ min: 1, max: 100 })),
      frequencyPenalty: may('frequency_penalty', number(-1, 1)),
      presencePenalty: may('presence_penalty', number(-1, 1)),
      seed: may('seed', fc.nat(1_000_000)),
      logitBias: may('logit_bias', fc.constant({ '50256': -100 })),
    })
    .map(compact);
