import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  chatStream,
  googleStream,
  messagesStream,
  responsesStream,
  wholeChatReply,
  wholeGoogleReply,
  wholeMessagesReply,
  wholeResponsesReply,
  type SampleReply,
} from '../replies.ts';

/** Events of text in a stream. */
export const events = 100;

export interface Upstream {
  readonly port: number;
  readonly close: () => Promise<void>;
}

interface Served {
  readonly path: RegExp;
  readonly whole: SampleReply;
  readonly stream: SampleReply;
}

/** One server that answers in all four APIs with the same text, each event of a stream in a write of its own. */
export async function startUpstream(): Promise<Upstream> {
  const served: readonly Served[] = [
    { path: /\/chat\/completions/, whole: wholeChatReply(), stream: chatStream(events) },
    { path: /\/responses/, whole: wholeResponsesReply(), stream: responsesStream(events) },
    { path: /\/messages/, whole: wholeMessagesReply(), stream: messagesStream(events) },
    { path: /[gG]enerateContent/, whole: wholeGoogleReply(), stream: googleStream(events) },
  ];
  const server = createServer((request, response) => {
    const found = served.find(({ path }) => path.test(request.url!));
    if (found) void answer(request, response, found);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(request: IncomingMessage, response: ServerResponse, { whole, stream }: Served): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>));
  const wantsStream = request.url!.includes('streamGenerateContent') || body.includes('"stream":true');
  const { contentType, chunks } = wantsStream ? stream : whole;
  response.socket?.setNoDelay(true);
  response.writeHead(200, { 'content-type': contentType });
  let at = 0;
  const next = (): void => {
    response.write(chunks[at++]!);
    if (at < chunks.length) setImmediate(next);
    else response.end();
  };
  next();
}
