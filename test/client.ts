import http from 'node:http';
import net from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface RawReply {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Written one after the other; several make a chunked request, one is announced by its length. */
  readonly chunks?: readonly Buffer[];
  readonly agent?: http.Agent;
}

/** One request by plain node:http: nothing is decoded, nothing is added. @throws when the reply breaks off. */
export async function send(url: string, { method = 'POST', headers = {}, chunks = [], agent }: RawRequest = {}): Promise<RawReply> {
  const length = chunks.length === 1 ? { 'content-length': String(chunks[0]!.length) } : {};
  const request = http.request(url, { method, headers: { ...length, ...headers }, ...(agent && { agent }) });
  const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve);
    request.once('error', reject);
  });
  answered.catch(() => {});
  for (const chunk of chunks) await new Promise<void>((resolve) => request.write(chunk, () => resolve()));
  request.end();
  const response = await answered;
  return {
    status: response.statusCode!,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body: await buffer(response),
  };
}

/** JSON out, JSON back. */
export async function sendJson(
  url: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<RawReply & { readonly json: unknown }> {
  const reply = await send(url, {
    headers: { 'content-type': 'application/json', ...headers },
    chunks: [Buffer.from(JSON.stringify(body))],
  });
  return { ...reply, json: JSON.parse(reply.body.toString()) as unknown };
}

/** A connection one writes bytes to. */
export interface Wire {
  readonly socket: net.Socket;
  write(text: string): void;
  /** Everything received, when the other side has ended. */
  readonly ended: Promise<string>;
  /** Everything received so far. */
  received(): string;
}

export async function connect(url: string): Promise<Wire> {
  const { hostname, port } = new URL(url);
  const socket = net.connect({ host: hostname, port: Number(port) });
  let text = '';
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
  });
  const ended = new Promise<string>((resolve) => {
    socket.on('close', () => resolve(text));
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  return { socket, write: (bytes) => void socket.write(bytes, 'latin1'), ended, received: () => text };
}
