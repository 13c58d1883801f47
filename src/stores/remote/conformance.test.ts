import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { testStores, type Outage } from '../conformance.ts';
import { createMemoryStores } from '../memory/index.ts';
import { createRemoteStores, type RemoteStores } from './index.ts';
import type { Answer, Ask } from './messages.ts';
import { answerFrom } from './serve.ts';

testStores('remote', async (options) => {
  const kept = createMemoryStores(options);
  const answer = answerFrom(kept);
  const ports: MessagePort[] = [];
  let state: Outage | 'open' = 'open';
  const open = (): RemoteStores => {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1, port2);
    const post = (port: MessagePort, message: Ask | Answer): void => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort has no origin
      if (state === 'open') port.postMessage(message);
    };
    const stores = createRemoteStores({
      timeoutMs: 1000,
      send: (ask) => {
        if (state === 'refusing') throw new Error('the channel is closed');
        post(port1, ask);
      },
    });
    port1.on('message', (message: Answer) => stores.take(message));
    port2.on('message', (ask: Ask) => void answer(ask).then((message) => post(port2, message)));
    return stores;
  };
  const stores = open();
  const another = open();
  return {
    stores,
    another,
    reopen: async () => {
      await stores.close();
      return open();
    },
    outage: { begin: async (how) => void (state = how), end: async () => void (state = 'open') },
    close: async () => {
      await Promise.all([stores.close(), another.close(), kept.close()]);
      for (const port of ports) port.close();
    },
  };
});
