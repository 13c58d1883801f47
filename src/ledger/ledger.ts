import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import type { LedgerEvent } from '../core/record.ts';
import { bodyHash } from './bodies.ts';
import { followWithClickHouse, type Follower, type FollowerHealth } from './clickhouse/follow.ts';
import { maxLineLength } from './frame.ts';
import { encodeLists } from './line.ts';
import { lockWriter } from './lock.ts';
import { gauge, makeRing, RingWriter, type SharedRing } from './ring.ts';
import { ledgerDefaults, type FromWorker, type LedgerOptions, type ToWorker, type WorkerSettings, type WorkerStart } from './settings.ts';

export interface LedgerHealth {
  /** False while records are being dropped or the disk refuses them. */
  readonly ok: boolean;
  readonly appended: number;
  readonly dropped: number;
  readonly queuedBytes: number;
  readonly droppedBodies: number;
  /** Failed writes or syncs of the journal; each was tried again. */
  readonly journalFailures: number;
  readonly ingestFailures: number;
  /** Stretches of the journal found damaged, other than ends torn by a crash. */
  readonly corruptStretches: number;
  readonly lastError: string | undefined;
  /** What a ClickHouse that follows the ledger does not have yet. */
  readonly clickhouse?: FollowerHealth;
}

export interface Ledger {
  /** Never throws, never waits. */
  readonly append: (event: LedgerEvent) => void;
  /** Resolves when everything appended before the call is on disk (as far as `sync` promises). */
  readonly durable: () => Promise<void>;
  /** Stores a body off this thread; its content hash is there at once. */
  readonly putBody: (bytes: Uint8Array) => string;
  readonly health: () => LedgerHealth;
  /** Whether so much waits for the disk that no more calls should be taken. */
  readonly isCongested: () => boolean;
  /** Writes what is left, brings the tables up to date, gives the directory free. */
  readonly close: () => Promise<void>;
}

/**
 * Opens the ledger of a gateway. Resolves when a crash's remains are in the tables and records can come.
 * @throws {Error} when another gateway has the directory, or a newer program made it.
 */
export async function openLedger(options: LedgerOptions): Promise<Ledger> {
  const lock = options.journalDir === undefined ? lockWriter(options.dir) : noLock;
  try {
    const writer = new LedgerWriter(options, lock.release);
    await writer.start();
    await writer.follow().catch(async (error: unknown) => {
      await writer.ledger.close();
      throw error;
    });
    return writer.ledger;
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** The journal of a worker was locked when it was chosen. */
const noLock = { release: (): void => {} };

/** Where Node finds the thread's program: beside this one, as source or built. */
const workerUrl = new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url);
const alertIntervalMs = 60_000;
const restartMs = 1000;
/** Hashes of bodies sent lately, which need not be sent again. */
const maxRecentBodies = 10_000;

function settingsOf(options: LedgerOptions): WorkerSettings {
  const { alert: _alert, maxQueuedBytes: _maxQueuedBytes, clickhouse, ...rest } = options;
  const { maxQueuedBytes: _default, ...defaults } = ledgerDefaults;
  return { ...defaults, ...rest, hasSink: clickhouse !== undefined, bodies: { ...defaults.bodies, ...rest.bodies } };
}

/** The main thread's side: pushes lines, counts what it must drop, and keeps the writing thread alive. */
class LedgerWriter {
  readonly #settings: WorkerSettings;
  readonly #alert: (message: string) => void;
  readonly #shared: SharedRing;
  readonly #ring: RingWriter;
  readonly #release: () => void;
  readonly #clickhouse: LedgerOptions['clickhouse'];
  readonly #alertedAt = new Map<string, number>();
  readonly #waiting: { readonly position: number; readonly resolve: () => void }[] = [];
  readonly #recentBodies = new Set<string>();
  #follower: Follower | undefined;
  #worker!: Worker;
  #port!: MessagePort;
  #closing: Promise<void> | undefined;
  #appended = 0;
  #dropped = 0;
  #droppedAtHealth = 0;
  #droppedBodies = 0;
  #bodyBytesSent = 0;
  #lastError: string | undefined;

  constructor(options: LedgerOptions, release: () => void) {
    this.#settings = settingsOf(options);
    this.#alert = options.alert ?? (() => {});
    this.#shared = makeRing(options.maxQueuedBytes ?? ledgerDefaults.maxQueuedBytes);
    this.#ring = new RingWriter(this.#shared);
    this.#release = release;
    this.#clickhouse = options.journalDir === undefined ? options.clickhouse : undefined;
  }

  /** Behind `start`: the tables are up to date. */
  async follow(): Promise<void> {
    if (!this.#clickhouse) return;
    this.#follower = await followWithClickHouse({ ...this.#clickhouse, dir: this.#settings.dir }, (message) => this.#trouble(message));
  }

  /** Starts the thread; resolves when it has read what a crash may have left. */
  start(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const start: WorkerStart = { settings: this.#settings, ring: this.#shared, port: port2 };
    const worker = new Worker(workerUrl, { workerData: start, transferList: [port2], resourceLimits: { maxYoungGenerationSizeMb: 4 } });
    this.#worker = worker;
    this.#port = port1;
    return new Promise((resolve, reject) => {
      let ready = false;
      port1.on('message', (message: FromWorker) => {
        if (message.type === 'ready') ready = true;
        if (message.type === 'ready') resolve();
        else this.#hear(message);
      });
      worker.on('error', (error) => (ready ? this.#trouble(`the ledger's thread broke: ${String(error)}`) : reject(error as Error)));
      worker.on('exit', () => {
        port1.close();
        if (ready && !this.#closing) this.#restart();
      });
    });
  }

  readonly ledger: Ledger = {
    append: (event) => this.#append(event),
    durable: () => this.#durable(),
    putBody: (bytes) => this.#putBody(bytes),
    health: () => this.#health(),
    isCongested: () => this.#ring.queuedBytes > this.#shared.bytes.byteLength * 0.75,
    close: () => (this.#closing ??= this.#close()),
  };

  #append(event: LedgerEvent): void {
    if (this.#closing || !this.#push(event)) {
      this.#dropped++;
      this.#trouble('records are being dropped: the disk does not keep up, or refuses them');
    } else this.#appended++;
  }

  #push(event: LedgerEvent): boolean {
    try {
      const [line, second] = encodeLists(event);
      const length = line.length + (second === undefined ? 0 : 1 + second.length);
      if (length <= maxLineLength) return this.#ring.push(line, second);
      this.#trouble(`a record of ${length} characters is longer than a frame of the journal may be`);
      return false;
    } catch (error) {
      this.#trouble(`a record could not be written as JSON: ${String(error)}`);
      return false;
    }
  }

  #durable(): Promise<void> {
    const position = this.#ring.head;
    if (this.#ring.isSafe(position)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ position, resolve });
      this.#ring.hurry();
    });
  }

  #hear(message: FromWorker): void {
    if (message.type === 'trouble') this.#trouble(message.message);
    while (this.#waiting.length > 0 && this.#ring.isSafe(this.#waiting[0]!.position)) this.#waiting.shift()!.resolve();
    if (this.#waiting.length > 0 && message.type === 'safe') this.#ring.hurry();
  }

  #putBody(bytes: Uint8Array): string {
    const hash = bodyHash(bytes);
    if (this.#recentBodies.has(hash)) return hash;
    const waiting = (this.#bodyBytesSent - this.#ring.gauge(gauge.bodyBytesDone)) >>> 0; // both wrap at 2^32
    if (waiting + bytes.length > this.#settings.bodies.maxQueuedBytes) {
      this.#droppedBodies++;
      this.#trouble('bodies are being dropped: the disk does not keep up');
      return hash;
    }
    this.#bodyBytesSent = (this.#bodyBytesSent + bytes.length) >>> 0;
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort has no origin
    this.#port.postMessage({ hash, bytes } satisfies ToWorker);
    if (this.#recentBodies.size >= maxRecentBodies) this.#recentBodies.clear();
    this.#recentBodies.add(hash);
    return hash;
  }

  #health(): LedgerHealth {
    const dropping = this.#dropped > this.#droppedAtHealth;
    this.#droppedAtHealth = this.#dropped;
    const queuedBytes = this.#ring.queuedBytes;
    return {
      ok: !dropping && queuedBytes < this.#shared.bytes.byteLength / 2,
      appended: this.#appended,
      dropped: this.#dropped,
      queuedBytes,
      droppedBodies: this.#droppedBodies,
      journalFailures: this.#ring.gauge(gauge.journalFailures),
      ingestFailures: this.#ring.gauge(gauge.ingestFailures),
      corruptStretches: this.#ring.gauge(gauge.corruptStretches),
      lastError: this.#lastError,
      ...(this.#follower && { clickhouse: this.#follower.health() }),
    };
  }

  async #close(): Promise<void> {
    const ended = new Promise((resolve) => this.#worker.once('exit', resolve));
    this.#ring.close();
    await ended;
    await this.#follower?.close();
    this.#release();
    for (const { resolve } of this.#waiting.splice(0)) resolve();
    const lost = this.#ring.queuedBytes;
    if (lost > 0) throw new Error(`the ledger closed with ${lost} bytes of records unwritten: ${this.#lastError ?? 'no reason known'}`);
  }

  /** The lines wait in shared memory; a new thread goes on where the last one stopped. */
  #restart(): void {
    setTimeout(() => {
      if (!this.#closing) this.start().catch((error: unknown) => this.#brokenAgain(error));
    }, restartMs);
  }

  #brokenAgain(error: unknown): void {
    this.#trouble(`the ledger's thread could not start again: ${String(error)}`);
    this.#restart();
  }

  #trouble(message: string): void {
    this.#lastError = message;
    const now = Date.now();
    if (now - (this.#alertedAt.get(message) ?? -Infinity) < alertIntervalMs) return;
    if (this.#alertedAt.size > 100) this.#alertedAt.clear();
    this.#alertedAt.set(message, now);
    this.#alert(message);
  }
}
