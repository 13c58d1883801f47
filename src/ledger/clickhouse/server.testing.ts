import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One statement as it came over HTTP: its text, the data behind it, and settings and parameters of the URL. */
export interface Statement {
  readonly sql: string;
  readonly data: string;
  readonly settings: URLSearchParams;
}

/** An HTTP interface like that of ClickHouse, before whatever answers. */
export interface FakeServer {
  readonly url: string;
  /** While it is away every connection is broken off. */
  isAway: boolean;
  readonly close: () => Promise<void>;
}

/** For tests: `answer` gives the body, or throws what the server says. */
export async function fakeServer(answer: (statement: Statement) => Promise<string>): Promise<FakeServer> {
  const server = createServer((request, response) => void answered(request, response));
  const fake = { url: '', isAway: false, close: () => closed(server) };
  async function answered(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (fake.isAway) return void request.socket.destroy();
    try {
      response.end(await answer(await statementOf(request)));
    } catch (error) {
      response.writeHead(500, { 'content-type': 'text/plain' }).end((error as Error).message);
    }
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  fake.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return fake;
}

async function statementOf(request: IncomingMessage): Promise<Statement> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const settings = new URL(request.url!, 'http://server').searchParams;
  const sql = settings.get('query');
  return sql === null ? { sql: body, data: '', settings } : { sql, data: body, settings };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
