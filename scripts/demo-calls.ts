/** Calls through a gateway, for the picture of a prompt: a conversation whose system prompt begins with the time of day. */
const facts = [
  'Orders ship within two working days; large ones from the second warehouse, within four.',
  'A refund goes to the card that paid, and takes up to five days.',
  'Returns are free within thirty days, with the label that is in the parcel.',
  'Prices hold for a week after an offer was written.',
  'Gift cards are sent by mail and never expire.',
];

const rules = Array.from({ length: 80 }, (_, at) => `${at + 1}. ${facts[at % facts.length]}`).join('\n');
const system = (time: string): string => `It is ${time} now. You answer the customers of a shop, shortly and kindly.\n\n${rules}`;

const tools = ['find_order', 'start_refund', 'write_ticket'].map((name) => ({
  name,
  description: `${name.replace('_', ' ')} of the customer, by its number. Ask for the number when it is not known.`,
  input_schema: {
    type: 'object',
    properties: { number: { type: 'string', description: 'as it stands on the bill' } },
    required: ['number'],
  },
}));

const order = JSON.stringify({
  number: '20117',
  state: 'sent',
  lines: Array.from({ length: 12 }, (_, at) => ({
    article: `A-${400 + at}`,
    name: 'garden chair, oak, folding',
    pieces: 1 + (at % 3),
    price: 49.9,
  })),
});

const first = [{ role: 'user', content: 'Where is my order 20117?' }];
const second = [
  ...first,
  { role: 'assistant', content: [{ type: 'tool_use', id: 'call_1', name: 'find_order', input: { number: '20117' } }] },
  { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'call_1', content: order }] },
];
const third = [
  ...second,
  { role: 'assistant', content: 'It left our warehouse yesterday and should be with you on Thursday.' },
  { role: 'user', content: 'Two of the chairs are of the wrong colour. How do I send them back?' },
];

/** Returns the id of the last call. */
export async function sendDemoCalls(url: string): Promise<string> {
  let id = '';
  for (const [messages, time] of [
    [first, '16:02:11'],
    [second, '16:02:19'],
    [third, '16:03:40'],
  ] as const)
    id = await send(url, { model: 'claude-sonnet-4-5', max_tokens: 400, system: marked(system(time)), tools, messages });
  return id;
}

const marked = (text: string): readonly object[] => [{ type: 'text', text, cache_control: { type: 'ephemeral' } }];

async function send(url: string, body: object): Promise<string> {
  const response = await fetch(`${url}/c/support/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'x-modicum-session': 'support-20117' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  await response.arrayBuffer();
  return response.headers.get('x-modicum-request-id')!;
}
