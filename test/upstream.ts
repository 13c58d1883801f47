import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Cleanup } from './harness.ts';

/** A request as it stood on the wire. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface Upstream {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly server: http.Server;
  readonly arrived: readonly Arrived[];
}

export type Answer = (request: Arrived, response: ServerResponse) => void | Promise<void>;

/** A provider that answers what a test tells it to, and keeps what it was sent. */
export async function startUpstream(t: Cleanup, answer: Answer): Promise<Upstream> {
  const arrived: Arrived[] = [];
  const server = http.createServer(async (request, response) => {
    try {
      const body = await buffer(request);
      const { method = '', url = '', headers, rawHeaders } = request;
      const one = { method, url, headers, rawHeaders, body };
      arrived.push(one);
      await answer(one, response);
    } catch {
      response.destroy(); // the gateway broke the request off
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, arrived };
}

/** A chat completion that tells its usage. */
export const chatReply = (usage: object | undefined = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 }): string =>
  JSON.stringify({
    id: 'chatcmpl-1',
    object: 'chat.completion',
    model: 'gpt-5-mini',
    choices: [{ index: 0, message: { role: 'assistant', content: 'hello there' }, finish_reason: 'stop' }],
    ...(usage && { usage }),
  });

/** Sends one chat completion. */
export const answerChat: Answer = (_request, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end(chatReply());
};

/** A call for it. */
export const chat = { model: 'gpt-5-mini', messages: [{ role: 'user', content: 'hi' }] };
export const chatPath = '/v1/chat/completions';

/** Head of a POST as it stands on the wire, with more header lines. */
export const postHead = (...lines: readonly string[]): string =>
  [`POST ${chatPath} HTTP/1.1`, 'host: gateway', 'content-type: application/json', ...lines, '', ''].join('\r\n');
