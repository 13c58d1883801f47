import { seeded } from './reply/words.ts';
import { VendorError } from './wire/errors.ts';

/** Ways a provider misbehaves. `status-NNN` stands for any status of 400 to 599. */
export const faults = {
  'stall-first-byte': 'nothing is sent for `stallMs`, then the reply goes on',
  'stall-mid-stream': 'the reply stops half way for `stallMs`, then goes on',
  'reset-before-headers': 'the connection is reset before anything is sent; not billed',
  'reset-mid-stream': 'the connection is reset half way; a stream is billed as far as sent, a whole reply in full',
  'malformed-chunk': 'one event (or the whole body) is no JSON; the rest follows; billed in full',
  'garbage-body': 'status 200 with bytes that are nothing at all; billed in full',
  'missing-usage': 'a good reply that tells no usage; billed in full',
  'truncated-body':
    'a body shorter than its content-length; a stream ends early as if it were done; billed as far as sent, a whole reply in full',
  'error-event': 'the vendor’s error event half way, then the end; billed as far as sent. A whole reply becomes a status 500, not billed',
  'slow-drip': 'a good reply in pieces of a few bytes',
} as const satisfies Record<string, string>;

export type FaultName = keyof typeof faults | `status-${number}`;

/** Chooses the fault of a call: by chance per fault (seeded, so that a run repeats), or by a function of the call's number from 0. */
export type FaultScript =
  | { readonly seed?: number; readonly probabilities: { readonly [F in FaultName]?: number } }
  | ((call: { readonly index: number; readonly model: string }) => FaultName | undefined);

const statusName = /^status-([45]\d\d)$/;
export const isFaultName = (name: string): name is FaultName => Object.hasOwn(faults, name) || statusName.test(name);

/** The status a fault answers with instead of a reply, if it does. */
export function faultStatus(fault: FaultName | undefined): number | undefined {
  const status = statusName.exec(fault ?? '')?.[1];
  return status === undefined ? undefined : Number(status);
}

/** @throws {VendorError} for an unknown name. */
export function namedFault(name: string | undefined): FaultName | undefined {
  if (name === undefined || name === '') return undefined;
  if (isFaultName(name)) return name;
  throw new VendorError(400, `unknown x-emulator-fault: ${name}`);
}

export type FaultChooser = (call: { readonly index: number; readonly model: string }) => FaultName | undefined;

/** @throws {RangeError} when a name is unknown or the chances sum to more than 1. */
export function faultChooser(script: FaultScript | undefined): FaultChooser {
  if (script === undefined) return () => undefined;
  if (typeof script === 'function') return script;
  const chances = Object.entries(script.probabilities) as readonly (readonly [FaultName, number])[];
  const unknown = chances.find(([name]) => !isFaultName(name));
  if (unknown) throw new RangeError(`unknown fault: ${unknown[0]}`);
  if (chances.reduce((sum, [, chance]) => sum + chance, 0) > 1 + 1e-9) throw new RangeError('fault probabilities sum to more than 1');
  const random = seeded(script.seed ?? 0);
  return () => drawn(chances, random());
}

function drawn(chances: readonly (readonly [FaultName, number])[], at: number): FaultName | undefined {
  let upTo = 0;
  for (const [name, chance] of chances) if (at < (upTo += chance)) return name;
  return undefined;
}
