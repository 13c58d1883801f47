import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { Json } from '../../core/json.ts';
import { failure } from '../errors.ts';
import { readConversation, type Conversation } from './conversation.ts';

/** Largest recording that is read, unpacked. */
export const maxRecordingBytes = 512 * 1024 * 1024;

export const samplesDir = new URL('../samples/', import.meta.url);

/** The bundled conversations, in the order of their file names. */
export async function readSamples(): Promise<readonly Conversation[]> {
  const names = (await readdir(samplesDir)).filter((name) => name.endsWith('.jsonl')).sort();
  const read = await Promise.all(names.map((name) => readRecording(fileURLToPath(new URL(name, samplesDir)), name)));
  return read.flat();
}

/** The conversations of a JSONL file, gzipped or not. `shown`: its name in messages. @throws a failure that names file and line */
export async function readRecording(path: string, shown: string): Promise<readonly Conversation[]> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    throw failure(error.code === 'ENOENT' ? `there is no file ${shown}` : `${shown} cannot be read (${error.code})`, error);
  });
  const lines = unpacked(bytes, shown).split('\n');
  const conversations = lines.flatMap((line, index) => (line.trim() === '' ? [] : [parsedLine(line, index + 1, shown)]));
  if (conversations.length === 0) throw failure(`${shown} holds no conversation`);
  return conversations;
}

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

function unpacked(bytes: Buffer, shown: string): string {
  try {
    const plain = isGzip(bytes) ? gunzipSync(bytes, { maxOutputLength: maxRecordingBytes }) : bytes;
    if (plain.length > maxRecordingBytes) throw new RangeError('too large');
    return plain.toString('utf8');
  } catch (error) {
    throw failure(`${shown} is no whole gzip file, or larger than ${maxRecordingBytes} bytes`, error);
  }
}

function parsedLine(line: string, number: number, shown: string): Conversation {
  try {
    return readConversation(JSON.parse(line) as Json, number);
  } catch (error) {
    throw failure(`${shown}:${number}: ${error instanceof RangeError ? error.message : 'is no JSON'}`, error);
  }
}
