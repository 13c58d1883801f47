import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerResponse } from 'node:http';
import type { FaultName } from '../faults.ts';
import type { Step } from '../generation.ts';
import type { Pacing } from '../options.ts';
import type { Outlet } from './outlet.ts';

/** What happens to a reply on its way, and who is told. */
export interface Delivery {
  readonly response: ServerResponse;
  /** Opens status and headers. `length`: a content-length to claim. */
  readonly open: (length?: number) => Outlet;
  readonly pacing: Pacing;
  readonly fault: FaultName | undefined;
  readonly stallMs: number;
  /** The vendor's error as an event of this stream. */
  readonly errorEvent: string | Buffer;
  readonly tally: Tally;
}

/** Keeps the bill of one reply. */
export interface Tally {
  /** The reply begins: what it wrote to the prompt cache can be read. */
  begin(): void;
  sent(step: Step): void;
  /** Books the call: once; whatever comes later is ignored. */
  close(complete: boolean): void;
}

const dripBytes = 7;
const garbage = Buffer.from('\u0000\u0001 no reply at all \ufffd{[', 'utf8');

/** Waits, but not for a client that has gone. */
async function wait(response: ServerResponse, delayMs: number): Promise<void> {
  if (delayMs <= 0 || response.destroyed) return;
  const gone = new AbortController();
  const abort = (): void => gone.abort();
  response.once('close', abort);
  await sleep(delayMs, undefined, { signal: gone.signal }).catch(() => {});
  response.off('close', abort);
}

/** Before the first byte. `false`: there will be none. */
async function started({ response, pacing, fault, stallMs, tally }: Delivery): Promise<boolean> {
  if (fault === 'reset-before-headers') response.socket?.resetAndDestroy();
  await wait(response, fault === 'stall-first-byte' ? stallMs : pacing.firstByteMs);
  if (response.destroyed || response.socket?.destroyed !== false) return false;
  tally.begin();
  return true;
}

async function put(delivery: Delivery, outlet: Outlet, text: string | Buffer): Promise<void> {
  if (delivery.fault !== 'slow-drip') return outlet.write(text);
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  for (let at = 0; at < bytes.length && !outlet.closed; at += dripBytes) {
    await outlet.write(bytes.subarray(at, at + dripBytes));
    await new Promise(setImmediate);
  }
}

/** Sends a whole body. It is billed in full: the vendor has made it before the client gets any of it. */
export async function deliverWhole(delivery: Delivery, body: string): Promise<void> {
  if (!(await started(delivery))) return;
  const { fault, tally, response, stallMs } = delivery;
  const half = body.slice(0, Math.ceil(body.length / 2));
  const broken = fault === 'reset-mid-stream' || fault === 'truncated-body';
  const unreadable = fault === 'garbage-body' || fault === 'malformed-chunk';
  tally.close(!broken && !unreadable);
  const outlet = delivery.open(unreadable ? undefined : Buffer.byteLength(body));
  if (broken) {
    await outlet.write(half);
    return outlet.cut();
  }
  if (unreadable) await outlet.write(fault === 'garbage-body' ? garbage : half);
  else if (fault === 'stall-mid-stream') {
    await outlet.write(half);
    await wait(response, stallMs);
    await outlet.write(body.slice(half.length));
  } else await put(delivery, outlet, body);
  return outlet.end();
}

/** Sends a stream, event by event, and plays its fault in the middle. */
export async function deliverStream(delivery: Delivery, steps: readonly Step[]): Promise<void> {
  if (!(await started(delivery))) return;
  const { tally, fault, response } = delivery;
  const outlet = delivery.open();
  if (fault === 'garbage-body') return deliverGarbage(delivery, outlet, steps);
  const middle = Math.ceil(steps.length / 2);
  for (const [at, step] of steps.entries()) {
    if (at > 0) await wait(response, delivery.pacing.betweenChunksMs);
    if (at === middle && (await brokeOff(delivery, outlet))) return;
    if (outlet.closed) break;
    tally.sent(step);
    if (at === steps.length - 1) tally.close(true);
    await put(delivery, outlet, step.frame ?? step.bytes);
  }
  tally.close(false); // only where the client left
  return outlet.end();
}

async function deliverGarbage({ tally }: Delivery, outlet: Outlet, steps: readonly Step[]): Promise<void> {
  for (const step of steps) tally.sent(step);
  tally.close(false);
  await outlet.write(garbage);
  return outlet.end();
}

/** The fault half way through a stream. `true`: nothing follows. */
async function brokeOff({ fault, tally, response, stallMs, errorEvent }: Delivery, outlet: Outlet): Promise<boolean> {
  switch (fault) {
    case 'stall-mid-stream':
      await wait(response, stallMs);
      return false;
    case 'malformed-chunk':
      await outlet.write('data: {"broken": [1,\n\n');
      return false;
    case 'reset-mid-stream':
      tally.close(false);
      await outlet.cut();
      return true;
    case 'truncated-body':
      tally.close(false);
      await outlet.end();
      return true;
    case 'error-event':
      tally.close(false);
      await outlet.write(errorEvent);
      await outlet.end();
      return true;
    default:
      return false;
  }
}
