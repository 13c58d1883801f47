import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { test } from 'node:test';
import type { Outage } from './conformance.ts';

/** A way to a server that can be broken: what tests connect to instead of it. */
export interface BreakableWay {
  readonly port: number;
  readonly begin: (how: Outage) => Promise<void>;
  readonly end: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export async function breakableWay(to: { readonly host: string; readonly port: number }): Promise<BreakableWay> {
  const sockets = new Set<Socket>();
  let state: Outage | 'open' = 'open';
  const join = (from: Socket, into: Socket): void => {
    sockets.add(from);
    from.on('data', (bytes) => state === 'open' && into.write(bytes));
    from.on('error', () => into.destroy());
    from.on('close', () => {
      sockets.delete(from);
      into.destroy();
    });
  };
  const meet = (client: Socket, upstream: Socket): void => {
    join(client, upstream);
    join(upstream, client);
  };
  const server = createServer((client) => {
    if (state === 'refusing') client.destroy();
    else meet(client, connect(to.port, to.host));
  });
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    begin: async (how) => {
      state = how;
      if (how === 'refusing') cut();
    },
    end: async () => {
      state = 'open';
      cut();
    },
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

/** Runs the tests of an engine that needs a server, or says that they are left out; where all are required, that is a failure. */
export function whereServed(engine: string, variable: string, run: (url: URL) => void): void {
  const url = process.env[variable];
  if (url) return run(new URL(url));
  if (process.env['MODICUM_TEST_ENGINES'] === 'required')
    void test(`${engine}: conformance`, () => {
      throw new Error(`MODICUM_TEST_ENGINES is "required", and ${variable} is not set`);
    });
  else void test(`${engine}: conformance`, { skip: `${variable} is not set` }, () => {});
}

/** A name nobody else has, for the state of one test. */
export const freshName = (): string => `test_${process.pid}_${(serial += 1)}_${Math.trunc(performance.timeOrigin)}`;
let serial = 0;
