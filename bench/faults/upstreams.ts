import type { IncomingMessage } from 'node:http';
import { createEmulator, type Emulator } from '../../src/emulator/emulator.ts';
import type { FaultName } from '../../src/emulator/faults.ts';

/** What goes wrong, by chance, at each upstream by itself: a tenth errors, a twentieth stalls, a fiftieth resets. */
export const chances: { readonly [F in FaultName]?: number } = {
  'status-500': 0.04,
  'status-502': 0.01,
  'status-503': 0.04,
  'status-529': 0.01,
  'stall-first-byte': 0.04,
  'stall-mid-stream': 0.01,
  'reset-before-headers': 0.02,
};

/** How long a stall lasts, ms: longer than the gateway waits for a first byte, shorter than it waits within a reply. */
export const stallMs = 4000;
export const firstByteMs = 1500;

export interface Upstream {
  readonly name: string;
  readonly url: string;
  readonly emulator: Emulator;
  /** Requests under another key than the gateway's: some other program's, on a machine where ports are used again. They spoil a run. */
  readonly strangers: () => number;
  /** Connections are refused from now on. */
  die(): Promise<void>;
  /** Listens again, on the same port. */
  revive(): Promise<void>;
}

/** What the gateway calls an upstream with. */
export const keyOf = (name: string): string => `key-of-${name}`;

export async function startUpstream(name: string, seed: number): Promise<Upstream> {
  const emulator = createEmulator({
    seed,
    stallMs,
    pacing: { firstByteMs: 5, betweenChunksMs: 1, chunkTokens: 8 },
    faults: { seed, probabilities: chances },
  });
  let strangers = 0;
  emulator.server.prependListener('request', ({ headers }: IncomingMessage) => {
    if (headers.authorization !== `Bearer ${keyOf(name)}`) strangers += 1;
  });
  const { url, port } = await emulator.listen();
  return {
    name,
    url,
    emulator,
    strangers: () => strangers,
    die: () => emulator.close(),
    revive: async () => void (await emulator.listen({ port })),
  };
}
