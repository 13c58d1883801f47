import { receiveMessageOnPort, workerData, type MessagePort } from 'node:worker_threads';
import type { DatabaseSync } from 'node:sqlite';
import { giveMemoryBack } from '../core/tidy.ts';
import { openBodyStore, type BodyStore } from './bodies.ts';
import { isBusy, openLedgerDatabase } from './database.ts';
import { maxFrameBytes } from './frame.ts';
import { ErasedJournal } from './erased-journal.ts';
import { Ingester } from './ingest.ts';
import { Journal } from './journal.ts';
import { retain } from './retention.ts';
import { gauge, RingReader } from './ring.ts';
import type { FromWorker, ToWorker, WorkerSettings, WorkerStart } from './settings.ts';

/** How long the thread sleeps when nothing happens. */
const idleMs = 1000;
const retryMs = 200;
/** Tries to write what is left when the ledger closes while the disk refuses it. */
const closingTries = 10;
const retentionIntervalMs = 60_000;
/** Another process may hold the tables: the journal must not wait long for it. */
const busyTimeoutMs = 50;
/** Records waiting that go into the tables at once, however busy the gateway is: a report has to catch up on no more than this by itself. */
const ingestRecords = 100_000;
/** Records that go into the tables between two commits of the journal: some 20 ms. */
const recordsPerTurn = 1000;
/** At most this many records in an interval are a quiet time, in which waiting ones go into the tables. A burst is journalled only. */
const quietRecords = 1000;
/** Compiled code goes with the memory: not in a short pause. */
const tidyAfterMs = 60_000;
/** Records after which a quiet time is used to give memory back. */
const untidyRecords = 10_000;
/** After the last record the thread looks for more by itself this long. To be woken costs the main thread more than a whole record. */
const wakefulMs = 1000;
/** Bodies stored between two commits of the journal. */
const bodyBytesPerTurn = 4 << 20;

interface Tables {
  readonly database: DatabaseSync;
  readonly ingester: Ingester;
  readonly erased: ErasedJournal;
}

/** The only thread that writes the journal. It blocks between its duties; wishes reach it through shared memory. */
class LedgerWorker {
  readonly #settings: WorkerSettings;
  readonly #ring: RingReader;
  readonly #port: MessagePort;
  readonly #journal: Journal;
  /** Left out: the tables are another process's. */
  readonly #tables: Tables | undefined;
  #bodies: BodyStore | undefined;
  #waitingRecords = 0;
  /** Of the interval under way. */
  #arrivedRecords = 0;
  #intervalBeganAt = 0;
  #ingesting = false;
  /** Rows are in no rollup yet. */
  #folding = true;
  /** Since memory was last given back. */
  #untidyRecords = 0;
  #busyAt = 0;
  #retainedAt = performance.now();

  constructor({ settings, ring, port }: WorkerStart) {
    this.#settings = settings;
    this.#ring = new RingReader(ring);
    this.#port = port;
    const { dir, journalDir } = settings;
    this.#tables = journalDir === undefined ? this.#openTables(dir) : undefined;
    this.#journal = new Journal({ ...settings, dir: journalDir ?? dir, nextSequence: this.#tables?.ingester.nextSequence ?? 1 });
  }

  #openTables(dir: string): Tables {
    const database = openLedgerDatabase(dir);
    const ingester = new Ingester(dir, database);
    this.#noteFaults(ingester.catchUp());
    if (!this.#settings.hasSink) database.exec('DELETE FROM sink'); // nobody follows any more: nothing is kept for it
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    return { database, ingester, erased: new ErasedJournal(dir, database) };
  }

  run(): void {
    this.#tell({ type: 'ready' });
    while (!this.#ring.closing) this.#turn();
    for (let tries = 0; !this.#ring.empty && tries < closingTries; tries++) this.#commit();
    this.#storeBodies(Infinity);
    this.#closeJournal();
    if (this.#tables && (this.#waitingRecords > 0 || this.#settings.hasWorkers)) this.#ingestAll(this.#tables);
    this.#bodies?.close();
    this.#tables?.database.close();
  }

  #turn(): void {
    const wakeful = this.#ingesting || this.#folding || performance.now() - this.#busyAt < wakefulMs;
    if (!wakeful && this.#waitingRecords === 0 && performance.now() - this.#busyAt > tidyAfterMs) this.#tidyIfWorthIt();
    if (this.#ring.empty && !wakeful) this.#ring.sleep(this.#waitingRecords > 0 ? this.#settings.ingestIntervalMs : idleMs);
    if ((!this.#ring.empty || wakeful) && !this.#ingesting && !this.#folding) this.#ring.linger(this.#settings.commitIntervalMs);
    this.#commit();
    this.#storeBodies(bodyBytesPerTurn);
    const now = performance.now();
    if (!this.#tables) {
      this.#waitingRecords = 0;
      return;
    }
    this.#ingestIfDue(now, this.#tables);
    if (now - this.#retainedAt >= retentionIntervalMs) this.#retain(now, this.#tables);
  }

  #tidyIfWorthIt(): void {
    if (this.#untidyRecords < untidyRecords) return;
    this.#untidyRecords = 0;
    giveMemoryBack();
  }

  /** Filling the tables costs more than the journal: it waits for a quiet interval, or for a full batch. Reports fill in what waits. */
  #ingestIfDue(now: number, tables: Tables): void {
    if (now - this.#intervalBeganAt >= this.#settings.ingestIntervalMs) {
      const quiet = this.#arrivedRecords <= quietRecords;
      this.#intervalBeganAt = now;
      this.#arrivedRecords = 0;
      this.#ingesting ||= (this.#waitingRecords > 0 && quiet) || this.#settings.hasWorkers === true;
    }
    this.#ingesting ||= this.#waitingRecords >= ingestRecords;
    if (this.#ingesting) this.#ingestSome(tables);
    else if (this.#folding) this.#foldSome(tables);
  }

  /** A batch of the rollups, between two commits too. What they lack, queries read from the rows. */
  #foldSome({ ingester }: Tables): void {
    try {
      this.#folding = ingester.rollups.step();
    } catch (error) {
      this.#folding = false;
      if (!isBusy(error)) this.#trouble(gauge.ingestFailures, 'the rollups could not be brought up to date, trying again', error);
    }
  }

  /** A little at a time: meanwhile the queue fills. */
  #ingestSome({ ingester }: Tables): void {
    try {
      const step = ingester.step(recordsPerTurn);
      this.#noteFaults(step);
      this.#waitingRecords = step.more ? Math.max(0, this.#waitingRecords - step.calls - step.events) : 0;
      this.#ingesting = step.more;
      this.#folding ||= !step.more;
    } catch (error) {
      this.#ingesting = false;
      if (isBusy(error)) return; // whoever holds the tables is likely bringing them up to date
      this.#trouble(gauge.ingestFailures, 'the tables could not be brought up to date, trying again', error);
    }
  }

  /** Writes everything pushed so far. Lines leave the ring only when they are safe, so a failure loses nothing. */
  #commit(): void {
    const wanted = this.#ring.takeHurry();
    try {
      for (let taken = this.#ring.take(maxFrameBytes); taken; taken = this.#ring.take(maxFrameBytes)) {
        if (taken.count > 0) this.#journal.commit(taken.lines, taken.count);
        this.#ring.release(taken.position);
        this.#waitingRecords += taken.count;
        this.#arrivedRecords += taken.count;
        this.#untidyRecords += taken.count;
        this.#busyAt = performance.now();
      }
      this.#journal.syncIfDue();
    } catch (error) {
      this.#trouble(gauge.journalFailures, 'the journal could not be written, trying again', error);
      this.#ring.pause(retryMs);
    }
    if (wanted) this.#tell({ type: 'safe' });
  }

  #closeJournal(): void {
    try {
      this.#journal.close();
    } catch (error) {
      this.#trouble(gauge.journalFailures, 'the end of the journal could not be synced', error);
    }
  }

  #ingestAll({ ingester }: Tables): void {
    try {
      this.#noteFaults(ingester.catchUp());
    } catch (error) {
      if (!isBusy(error)) this.#trouble(gauge.ingestFailures, 'the tables could not be brought up to date; the next start does it', error);
    }
  }

  #storeBodies(maxBytes: number): void {
    let bytes = 0;
    try {
      while (bytes < maxBytes) {
        const received = receiveMessageOnPort(this.#port);
        if (!received) return;
        const { hash, bytes: body } = received.message as ToWorker;
        bytes += body.length;
        this.#ring.addToGauge(gauge.bodyBytesDone, body.length);
        this.#bodies ??= openBodyStore(this.#settings.dir);
        this.#bodies.put(hash, body);
      }
    } catch (error) {
      this.#trouble(gauge.bodyFailures, 'a body could not be stored', error);
    }
  }

  #retain(now: number, { database, ingester, erased }: Tables): void {
    this.#retainedAt = now;
    try {
      const { lostRecords } = retain(this.#settings.dir, database, this.#settings, Date.now());
      if (lostRecords > 0)
        this.#trouble(gauge.ingestFailures, `${lostRecords} old records went that ClickHouse never had: too much waits for it`);
      erased.sweep(() => {
        this.#journal.rotate();
        this.#noteFaults(ingester.catchUp());
      });
      if (this.#settings.hasWorkers) this.#bodies ??= openBodyStore(this.#settings.dir); // the workers' are retained here too
      this.#bodies?.retain(this.#settings.bodies, Date.now());
    } catch (error) {
      if (!isBusy(error)) this.#trouble(gauge.ingestFailures, 'old rows could not be deleted', error);
    }
  }

  #noteFaults({ faults }: { readonly faults: readonly { readonly reason: string }[] }): void {
    const corrupt = faults.filter(({ reason }) => reason === 'corrupt').length;
    if (corrupt > 0)
      this.#trouble(
        gauge.corruptStretches,
        `${corrupt} stretches of the journal are damaged; their bytes are in journal/aside`,
        undefined,
        corrupt,
      );
  }

  #trouble(index: number, what: string, error?: unknown, count = 1): void {
    this.#ring.addToGauge(index, count);
    this.#tell({
      type: 'trouble',
      message: error instanceof Error ? `${what}: ${error.message}` : what,
    });
  }

  #tell(message: FromWorker): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a MessagePort has no origin
    this.#port.postMessage(message);
  }
}

new LedgerWorker(workerData as WorkerStart).run();
