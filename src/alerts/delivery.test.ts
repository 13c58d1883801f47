import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DeliveryError, type Channel } from './channels/channel.ts';
import { createDelivery, deliveryLimits } from './delivery.ts';
import { messageOf } from './testing.ts';

const limits = { ...deliveryLimits, firstPauseMs: 1 };

function fakeChannel(answers: readonly (Error | undefined)[]): Channel & { readonly sent: string[] } {
  const sent: string[] = [];
  return {
    name: 'a',
    type: 'fake',
    sent,
    send: async ({ id }) => {
      const answer = answers[sent.length];
      sent.push(id);
      if (answer) throw answer;
    },
  };
}

const heard = () => {
  const reasons: string[] = [];
  return { reasons, failed: (channel: string, _: unknown, reason: string) => void reasons.push(`${channel}: ${reason}`) };
};

describe('delivery', () => {
  test('a message is tried again until it is taken', async () => {
    const channel = fakeChannel([new DeliveryError('status 500'), new Error('odd')]);
    const { reasons, failed } = heard();
    const delivery = createDelivery({ channels: [channel], limits, failed });
    delivery.send(messageOf({ id: '1' }), ['a', 'a']);
    await delivery.settled();
    assert.deepEqual(channel.sent, ['1', '1', '1']);
    assert.deepEqual(reasons, []);
    assert.equal(delivery.health()[0]!.delivered, 1);
  });

  test('not for ever, and not at all where that cannot help', async () => {
    const down = fakeChannel(Array.from({ length: 20 }, () => new DeliveryError('status 500')));
    const gone = { ...fakeChannel([new DeliveryError('status 404', { isFinal: true })]), name: 'b' };
    const { reasons, failed } = heard();
    const delivery = createDelivery({ channels: [down, gone], limits, failed });
    delivery.send(messageOf({}), ['a', 'b', 'c']);
    await delivery.settled();
    assert.deepEqual([down.sent.length, gone.sent.length], [limits.tries, 1]);
    assert.deepEqual(reasons.toSorted(), ['a: status 500', 'b: status 404', 'c: there is no such channel']);
    assert.deepEqual(delivery.health().map(({ failed: count }) => count), [1, 1]); // prettier-ignore
  });

  test('of too many that wait the oldest goes, and one slow channel holds up no other', async () => {
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const sent: string[] = [];
    const slow: Channel = { name: 'slow', type: 'fake', send: async ({ id }) => (await gate, void sent.push(id)) };
    const quick = { ...fakeChannel([]), name: 'quick' };
    const { reasons, failed } = heard();
    const delivery = createDelivery({ channels: [slow, quick], limits: { ...limits, queued: 2 }, failed });
    for (const id of ['1', '2', '3']) delivery.send(messageOf({ id }), ['slow']);
    assert.deepEqual(reasons, []);
    delivery.send(messageOf({ id: '4' }), ['slow', 'quick']);
    assert.deepEqual(reasons, ['slow: more than 2 messages wait']);
    await new Promise(setImmediate);
    assert.deepEqual(quick.sent, ['4']);
    open();
    await delivery.settled();
    assert.deepEqual(sent, ['1', '3', '4']);
    assert.equal(delivery.health()[0]!.dropped, 1);
  });

  test('closing gives up what cannot be brought', async () => {
    const down = fakeChannel(Array.from({ length: 20 }, () => new DeliveryError('status 500')));
    const { reasons, failed } = heard();
    const delivery = createDelivery({ channels: [down], limits: { ...limits, firstPauseMs: 100_000 }, failed });
    delivery.send(messageOf({}), ['a']);
    await delivery.close(1);
    assert.deepEqual(reasons, ['a: the gateway is stopping']);
  });
});
