import cluster, { type Worker } from 'node:cluster';
import { fileURLToPath } from 'node:url';
import type { Config } from '../config/schema.ts';
import { newId } from '../core/id.ts';
import type { Log } from '../core/log.ts';
import type { Owner } from '../core/stores.ts';
import type { Ask } from '../stores/remote/messages.ts';
import type { FromWorker, Task, ToWorker } from './messages.ts';
import { settingsFor, type NodeSettings } from './node-settings.ts';

export interface WorkersOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly answer: (member: Member, ask: Ask) => Promise<void>;
}

/** One worker in one life. */
export interface Member {
  readonly owner: Owner;
  readonly worker: Worker;
  readonly bornMs: number;
  readonly send: (message: ToWorker) => void;
}

/** The program beside this one, as source or built. */
const program = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './worker.ts' : './worker.js', import.meta.url));
const firstPauseMs = 100;
const maxPauseMs = 30_000;
/** A worker that lived this long did not die of its start. */
const soundMs = 60_000;
/** Beyond the grace for calls: writing the rest of the journal. */
const closingMs = 15_000;

/** Starts workers, and others for those that die. Connections go to them in turn, each whole. */
export class Workers {
  readonly #options: WorkersOptions;
  readonly #members = new Set<Member>();
  readonly #tasks = new Map<number, () => void>();
  #config: Config;
  readonly #settings: NodeSettings;
  #numbers = 0;
  #pauseMs = firstPauseMs;
  #isStopping = false;

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.#config = options.config;
    cluster.schedulingPolicy = cluster.SCHED_RR;
    this.#settings = settingsFor(process);
    const execArgv = [...this.#settings.flags, ...process.execArgv];
    cluster.setupPrimary({ exec: program, args: [], execArgv, serialization: 'advanced' });
  }

  /** Resolves with where they listen when all do. @throws what the first said that cannot */
  async start(): Promise<string> {
    // They share what the first of them listens on, also when any free port was asked for.
    const [url] = await Promise.all(Array.from({ length: this.#config.server.workers }, () => this.#begin()));
    return url!;
  }

  has(owner: Owner): boolean {
    return [...this.#members].some((member) => member.owner === owner);
  }

  pids(): readonly number[] {
    return [...this.#members].map(({ worker }) => worker.process.pid!);
  }

  reload(config: Config): void {
    const { host, port, workers } = this.#config.server;
    this.#config = { ...config, dataDir: this.#config.dataDir, server: { ...config.server, host, port, workers } };
    for (const member of this.#members) member.send({ type: 'reload', config: this.#config });
  }

  /** Has all do something, and waits for them so long at most. */
  async all(what: Task, withinMs: number, but?: Member): Promise<void> {
    const others = [...this.#members].filter((member) => member !== but);
    const numbers: number[] = [];
    const done = others.map((member) => {
      const number = (this.#numbers += 1);
      numbers.push(number);
      return new Promise<void>((resolve) => {
        this.#tasks.set(number, resolve);
        member.worker.once('exit', () => resolve());
        member.send({ type: 'do', number, what });
      });
    });
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([Promise.all(done), new Promise((resolve) => (timer = setTimeout(resolve, withinMs)))]);
    clearTimeout(timer);
    for (const number of numbers) this.#tasks.delete(number);
  }

  /** Lets calls under way end; then all are gone. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    const patienceMs = this.#config.server.limits.shutdownGraceMs + closingMs;
    await Promise.all([...this.#members].map((member) => stopped(member, patienceMs)));
  }

  #begin(): Promise<string> {
    const worker = cluster.fork(this.#settings.env);
    const send = (message: ToWorker): void => {
      if (worker.isConnected()) worker.send(message, () => {}); // one that dies is told by its end
    };
    const member: Member = { owner: newId(Date.now()), worker, bornMs: performance.now(), send };
    this.#members.add(member);
    return new Promise((resolve, reject) => {
      let isListening = false;
      worker.on('message', (message: FromWorker) => {
        if (message.type === 'listening') isListening = true;
        if (message.type === 'listening') resolve(message.url);
        else if (message.type === 'failed') reject(Object.assign(new Error(message.message), { code: message.code }));
        else this.#hear(member, message);
      });
      worker.on('error', reject);
      worker.on('exit', (code, signal) => {
        this.#members.delete(member);
        reject(new Error(`a worker ended before it served (${signal ?? code})`));
        if (isListening) this.#replace(member, signal ?? code);
      });
      send({ type: 'start', config: this.#config, version: this.#options.version, owner: member.owner });
    });
  }

  #hear(member: Member, message: Exclude<FromWorker, { readonly type: 'listening' | 'failed' }>): void {
    if (message.type === 'ask') void this.#options.answer(member, message);
    else if (message.type === 'log') this.#options.log[message.level](message.message, message.fields);
    else this.#tasks.get(message.number)?.();
  }

  #replace({ worker, bornMs }: Member, how: string | number): void {
    if (this.#isStopping) return;
    this.#options.log.error('a worker ended, another takes its place', { worker: worker.process.pid, how });
    if (performance.now() - bornMs > soundMs) this.#pauseMs = firstPauseMs;
    this.#again();
  }

  #again(): void {
    const pauseMs = this.#pauseMs;
    this.#pauseMs = Math.min(maxPauseMs, 2 * pauseMs);
    setTimeout(() => {
      if (this.#isStopping) return;
      this.#begin().catch((error: unknown) => {
        if (this.#isStopping) return;
        this.#options.log.error('a worker could not be started, trying again', { error });
        this.#again();
      });
    }, pauseMs);
  }
}

async function stopped({ worker, ...member }: Member, patienceMs: number): Promise<void> {
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const timer = setTimeout(() => worker.process.kill('SIGKILL'), patienceMs);
  member.send({ type: 'stop' });
  await ended;
  clearTimeout(timer);
}
