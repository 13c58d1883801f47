import { basename, dirname, relative } from 'node:path';
import type { Readable } from 'node:stream';
import type { JsonObject } from '../../core/json.ts';
import type { ReadCall } from '../call.ts';
import { claudeCodeReader } from './claude-code.ts';
import { codexReader } from './codex.ts';
import { exportKind, exportReader, type RowReader } from './exports.ts';
import { filesAt, type Found } from './files.ts';
import { readLedger, type LedgerRange } from './ledger.ts';
import { linesOf, type Line } from './lines.ts';
import { otlpReader } from './otlp.ts';
import type { FileFacts, LineReader } from './reader.ts';
import { isRequestLine, requestsReader } from './requests.ts';

/** What could not be read; nothing of it is in the figures. */
export interface ReadNotes {
  readonly files: number;
  readonly bytes: number;
  readonly lines: number;
  /** Files in which nothing was recognised. */
  readonly unknownFiles: readonly string[];
  /** Lines that are no JSON. */
  readonly brokenLines: number;
  readonly tooLongLines: number;
  /** Replies that were told already: a log may be copied, or go on in another file. */
  readonly repeatedCalls: number;
}

export interface ReadOptions extends LedgerRange {
  readonly vendorOf: (model: string) => string | undefined;
  readonly see: (call: ReadCall) => void;
  /** Bytes read so far, of how many; 0 when nobody knows. */
  readonly progress?: ((bytes: number, of: number) => void) | undefined;
  readonly stdin?: Readable | undefined;
}

/** Names of files nothing was recognised in that are told. */
const maxTold = 20;
/** Ids of replies remembered, to count each once. */
const maxIds = 2_000_000;

type Notes = { -readonly [K in keyof ReadNotes]: ReadNotes[K] } & { unknownFiles: string[] };

/** Reads files, folders and `-` for the standard input, one line at a time; what each is shows in its content. */
export async function readAll(paths: readonly string[], options: ReadOptions): Promise<ReadNotes> {
  const notes: Notes = { files: 0, bytes: 0, lines: 0, unknownFiles: [], brokenLines: 0, tooLongLines: 0, repeatedCalls: 0 };
  const found = (await Promise.all(paths.map(async (path) => (path === '-' ? [stdinFile] : named(path, await filesAt(path)))))).flat();
  const all = found.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const told = new Told(notes, options);
  for (const file of found) {
    notes.files += 1;
    if (file.kind === 'ledger') readLedger(file.path, options, told.see);
    else await readFile(file, { notes, options, told, all });
  }
  return notes;
}

interface Named extends Found {
  readonly name: string;
}

const stdinFile: Named = { path: '-', name: 'stdin', kind: 'file', sizeBytes: 0, changedAt: Number.NaN };

const named = (root: string, files: readonly Found[]): readonly Named[] =>
  files.map((file) => ({ ...file, name: file.path === root ? basename(root) : relative(dirname(root), file.path) }));

/** Passes on calls within the time asked for, each once. */
class Told {
  readonly #notes: Notes;
  readonly #options: ReadOptions;
  readonly #ids = new Set<string>();
  /** A call was found in the file at hand. */
  found = false;

  constructor(notes: Notes, options: ReadOptions) {
    this.#notes = notes;
    this.#options = options;
  }

  readonly see = (call: ReadCall): void => {
    this.found = true;
    const { since = -Infinity, until = Infinity, see } = this.#options;
    const isDated = this.#options.since !== undefined || this.#options.until !== undefined;
    if (call.at === undefined ? isDated : call.at < since || call.at >= until) return;
    if (this.#isRepeated(call)) return void (this.#notes.repeatedCalls += 1);
    see(call);
  };

  /** The sessions of Claude Code and Codex are copied into new files when they are taken up again. */
  #isRepeated({ id }: ReadCall): boolean {
    if (id === undefined) return false;
    if (this.#ids.has(id)) return true;
    if (this.#ids.size < maxIds) this.#ids.add(id);
    return false;
  }
}

interface Context {
  readonly notes: Notes;
  readonly options: ReadOptions;
  readonly told: Told;
  readonly all: number;
}

async function readFile(file: Named, { notes, options, told, all }: Context): Promise<void> {
  const reading = new FileReading({ name: file.name, changedAt: file.changedAt, vendorOf: options.vendorOf }, notes);
  told.found = false;
  const from = file.path === '-' ? options.stdin! : file.path;
  const lines = linesOf(from, {
    onBytes: (bytes) => {
      notes.bytes += bytes;
      options.progress?.(notes.bytes, all);
    },
    onTooLong: () => void (notes.tooLongLines += 1),
  });
  for await (const line of lines) for (const call of reading.line(line)) told.see(call);
  for (const call of reading.end()) told.see(call);
  if (!told.found && notes.unknownFiles.length < maxTold && !reading.isKnown) notes.unknownFiles.push(file.name);
}

/** Bytes of a document over several lines that are kept to be read as a whole. */
const maxDocumentBytes = 64 * 1024 * 1024;
/** Lines looked at for what a file is. */
const maxProbedLines = 200;

/** One file while it is read: what it is shows in its first lines. */
class FileReading {
  readonly #file: FileFacts;
  readonly #notes: Notes;
  #reader: LineReader | undefined;
  #rows: RowReader | undefined;
  #probed = 0;
  /** Lines of a JSON document that is not written in one. */
  #document: string[] | undefined;
  #documentBytes = 0;

  constructor(file: FileFacts, notes: Notes) {
    this.#file = file;
    this.#notes = notes;
  }

  get isKnown(): boolean {
    return this.#reader !== undefined || this.#rows !== undefined;
  }

  line({ bytes, number }: Line): readonly ReadCall[] {
    this.#notes.lines += 1;
    if (this.#rows) return this.#rows.row(bytes.toString('utf8'), number);
    if (this.#document) return this.#more(bytes.toString('utf8'));
    const value = parsed(bytes);
    if (value === undefined) return this.#unparsed(bytes, number);
    const objects = Array.isArray(value) ? (value as readonly JsonObject[]) : [value as JsonObject];
    return objects.flatMap((each) => this.#object(each, number));
  }

  end(): readonly ReadCall[] {
    const text = this.#document?.join('\n');
    this.#document = undefined;
    const value = text === undefined ? undefined : parsed(Buffer.from(text));
    if (text !== undefined && value === undefined) this.#notes.brokenLines += 1;
    const objects = Array.isArray(value) ? (value as readonly JsonObject[]) : value === undefined ? [] : [value as JsonObject];
    return [...objects.flatMap((each) => this.#object(each, 1)), ...(this.#reader?.end() ?? [])];
  }

  #object(value: JsonObject, number: number): readonly ReadCall[] {
    if (!this.#reader && this.#probed < maxProbedLines) {
      this.#probed += 1;
      const make = readerFor(value);
      this.#reader = make?.(this.#file);
    }
    return typeof value === 'object' && value !== null ? (this.#reader?.line(value, number) ?? []) : [];
  }

  #unparsed(bytes: Buffer, number: number): readonly ReadCall[] {
    const text = bytes.toString('utf8');
    if (number === 1) {
      const kind = exportKind(text);
      if (kind) this.#rows = exportReader(text, kind, this.#file);
      else if (/^\s*[[{]/.test(text)) return ((this.#document = []), this.#more(text));
    } else this.#notes.brokenLines += this.#reader ? 1 : 0;
    return [];
  }

  #more(text: string): readonly ReadCall[] {
    this.#documentBytes += text.length;
    if (this.#documentBytes <= maxDocumentBytes) this.#document!.push(text);
    else this.#notes.tooLongLines += 1;
    return [];
  }
}

const parsed = (bytes: Buffer): unknown => {
  try {
    const value = JSON.parse(bytes.toString('utf8')) as unknown;
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};

const codexTypes = new Set([
  'session_meta',
  'turn_context',
  'response_item',
  'event_msg',
  'compacted',
  'world_state',
  'token_usage_record',
]);

/** Which reader a line asks for; most logs begin with lines that ask for none. */
function readerFor(value: JsonObject): ((file: FileFacts) => LineReader) | undefined {
  if (Array.isArray(value['resourceSpans'])) return otlpReader;
  const type = typeof value['type'] === 'string' ? value['type'] : '';
  if (codexTypes.has(type) && typeof value['payload'] === 'object') return codexReader;
  if (typeof value['sessionId'] === 'string' && typeof value['type'] === 'string') return claudeCodeReader;
  return isRequestLine(value) ? requestsReader : undefined;
}
