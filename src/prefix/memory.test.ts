import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPlaces, PrefixMemory, type Conversation } from './memory.ts';
import { promptOf, type Prompt } from './prompt.ts';
import { asItCame } from './repair.ts';

const prompt = (question: string): Prompt => {
  const messages = Buffer.from(JSON.stringify([{ role: 'user', content: question }]));
  return promptOf('openai.chat', 'm', (key) => (key === 'messages' ? messages : undefined))!;
};
const placeOf = createPlaces();
const text = 'a question '.repeat(1000);

function kept(conversation: Conversation, maxBytes = 1e6, memory = new PrefixMemory({ maxConversations: 10, maxBytes })): PrefixMemory {
  memory.put(placeOf(prompt(text), 'me'), conversation);
  return memory;
}

test('what was worked out about a block counts as memory too', () => {
  const bare = kept(asItCame(prompt(text))).sizeBytes;
  const read = asItCame(prompt(text));
  const { block } = read.blocks[0]!;
  assert.ok([block.meaning, block.masked, block.strict].every((one) => one.length > 0.9 * text.length));
  assert.ok(kept(read).sizeBytes > 2 * bare, `${kept(read).sizeBytes} of ${bare}`);
});

test('beyond the bound the oldest go; one that is larger by itself is not kept', () => {
  const one = kept(asItCame(prompt(text))).sizeBytes;
  const memory = new PrefixMemory({ maxConversations: 10, maxBytes: 2.5 * one });
  for (const name of ['first', 'second', 'third']) memory.put(placeOf(prompt(text), name), asItCame(prompt(text)));
  assert.deepEqual([memory.size, memory.sizeBytes], [2, 2 * one]);
  assert.equal(memory.find(placeOf(prompt(text), 'first'), prompt(text)), undefined);
  assert.equal(kept(asItCame(prompt(text)), one - 1).size, 0);
});
