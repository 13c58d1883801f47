import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { text } from 'node:stream/consumers';
import { messageOf } from '../testing.ts';
import { DeliveryError } from './channel.ts';
import { command } from './command.ts';
import { email } from './email.ts';
import { maxSlackText, slack, slackBody } from './slack.ts';
import { signatureOf, webhook } from './webhook.ts';

const never = new AbortController().signal;

async function listening(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  context.after(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function httpServer(context: TestContext, status: number, headers: Record<string, string> = {}) {
  const got: { readonly headers: IncomingMessage['headers']; readonly body: string }[] = [];
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      got.push({ headers: request.headers, body });
      response.writeHead(status, { connection: 'close', ...headers }).end();
    });
  });
  return { got, url: `http://127.0.0.1:${await listening(context, server)}/hook` };
}

describe('webhook', () => {
  const secret = 'a-secret-of-sixteen';

  test('sends the message as JSON, signed over time and body', async (context) => {
    const { got, url } = await httpServer(context, 204);
    await webhook({ name: 'a', url, secret, headers: { 'x-extra': 'yes' }, now: () => 1_700_000_000_999 }).send(messageOf({}), never);
    const [{ headers, body }] = got as [(typeof got)[0]];
    assert.deepEqual(JSON.parse(body), messageOf({}));
    assert.equal(headers['x-modicum-timestamp'], '1700000000');
    assert.equal(headers['x-modicum-signature'], signatureOf(secret, '1700000000', body));
    assert.equal(headers['x-extra'], 'yes');
  });

  test('the signature is the HMAC that anybody can make', () =>
    assert.equal(signatureOf('key-of-sixteen-xx', '1', '{}'), 'sha256=282b38459618e8e0e2542b292c10e378cc2200b25251a109b3dff101a8c0c282'));

  for (const [status, isFinal] of [
    [500, false],
    [429, false],
    [404, true],
    [302, true],
  ] as const)
    // prettier-ignore
    test(`status ${status} ${isFinal ? 'is final' : 'may be tried again'}`, async (context) => {
      const { got, url } = await httpServer(context, status, { location: 'http://127.0.0.1:1/' });
      const sending = webhook({ name: 'a', url, headers: {}, now: () => 0 }).send(messageOf({}), never);
      await assert.rejects(sending, (error: DeliveryError) => error.isFinal === isFinal && error.message === `answered with status ${status}`);
      assert.equal(got[0]!.headers['x-modicum-signature'], undefined);
    });

  test('no connection may be tried again, and the address is not told', async () => {
    const sending = webhook({ name: 'a', url: 'http://127.0.0.1:1/secret', headers: {}, now: () => 0 }).send(messageOf({}), never);
    await assert.rejects(sending, (error: DeliveryError) => !error.isFinal && !error.message.includes('secret'));
  });
});

describe('slack', () => {
  test('text that is markup is not read as such', async (context) => {
    const { got, url } = await httpServer(context, 200);
    await slack({ name: 'a', url }).send(messageOf({ text: 'A <b> & c', subject: '<!channel>' }), never);
    const { text: said } = JSON.parse(got[0]!.body) as { readonly text: string };
    assert.ok(said.includes('A &lt;b&gt; &amp; c') && said.includes('&lt;!channel&gt;') && !said.includes('<!channel>'), said);
    assert.ok(said.endsWith('<http://127.0.0.1:4000/ui/explore?measure=costUsd|Open in the dashboard>'));
  });

  test('too long a text is cut, its link is not', () => {
    const { text: said } = slackBody(messageOf({ text: 'x'.repeat(maxSlackText) })) as { readonly text: string };
    assert.equal(said.length, maxSlackText);
    assert.ok(said.endsWith('|Open in the dashboard>'));
  });
});

/** As much of SMTP as a mail needs. `refuses`: says no to the recipient. */
function smtpServer(mails: string[], refuses?: string): Server {
  return createTcpServer((socket) => {
    let data: string | undefined;
    let rest = '';
    const say = (line: string): void => void socket.write(`${line}\r\n`);
    say('220 here');
    const hear = (line: string): void => {
      if (data !== undefined) {
        if (line !== '.') {
          data += `${line}\n`;
          return;
        }
        mails.push(data);
        data = undefined;
        return say('250 taken');
      }
      if (/^DATA/i.test(line)) {
        data = '';
        return say('354 go on');
      }
      if (/^QUIT/i.test(line)) return void socket.end('221 bye\r\n');
      say(refuses !== undefined && /^RCPT/i.test(line) ? refuses : '250 ok');
    };
    socket.setEncoding('utf8').on('error', () => undefined);
    socket.on('data', (chunk: string) => {
      const lines = (rest + chunk).split('\r\n');
      rest = lines.pop()!;
      for (const line of lines) hear(line);
    });
  });
}

describe('email', () => {
  const options = { name: 'a', from: 'modicum@example.org', to: ['ops@example.org'] };

  test('a mail with the sentence and the link', async (context) => {
    const mails: string[] = [];
    const port = await listening(context, smtpServer(mails));
    await email({ ...options, smtp: `smtp://127.0.0.1:${port}` }).send(messageOf({ subject: 'team=a' }), never);
    const [mail] = mails;
    assert.match(mail!, /^Subject: Alert: spend for team=a \(warning\)$/m);
    assert.match(mail!, /^To: ops@example\.org$/m);
    assert.match(mail!.replaceAll('=\n', ''), /is \$12\.50, above the limit of \$10\.00\./);
    assert.match(mail!.replaceAll('=\n', ''), /http:\/\/127\.0\.0\.1:4000\/ui\/explore/);
  });

  for (const [says, isFinal] of [
    ['550 nobody here', true],
    ['451 later', false],
  ] as const)
    // prettier-ignore
    test(`a server that says ${says}`, async (context) => {
      const port = await listening(context, smtpServer([], says));
      const sending = email({ ...options, smtp: `smtp://127.0.0.1:${port}` }).send(messageOf({}), never);
      await assert.rejects(sending, (error: DeliveryError) => error.isFinal === isFinal && !error.message.includes('ops@'));
    });
});

describe('command', () => {
  const node = process.execPath;
  const run = (script: string, ...words: string[]) => command({ name: 'a', command: [node, '-e', script, ...words], timeoutMs: 5000, env: { PATH: '/bin', KEY: 'sk-secret' } }); // prettier-ignore

  test('gets the message on its input, its words as they are, and no keys', async (context) => {
    const dir = mkdtempSync(join(tmpdir(), 'modicum-alert-'));
    context.after(() => rmSync(dir, { recursive: true }));
    const script = `const fs = require('node:fs'); fs.writeFileSync(process.argv[1], JSON.stringify({ word: process.argv[2], input: fs.readFileSync(0, 'utf8'), key: process.env.KEY ?? null }))`;
    await run(script, join(dir, 'got'), '$(id); `id`').send(messageOf({}), never);
    const got = JSON.parse(readFileSync(join(dir, 'got'), 'utf8')) as {
      readonly word: string;
      readonly input: string;
      readonly key: unknown;
    };
    assert.deepEqual([got.word, got.key, JSON.parse(got.input)], ['$(id); `id`', null, messageOf({})]);
  });

  test('one that fails may be tried again, one that is not there may not', async () => {
    await assert.rejects(run('process.exit(3)').send(messageOf({}), never), { message: 'it ended with 3', isFinal: false });
    const missing = command({ name: 'a', command: ['/no/such/program'], timeoutMs: 1000, env: {} });
    await assert.rejects(missing.send(messageOf({}), never), { message: 'it cannot be run: ENOENT', isFinal: true });
  });

  test('one that takes too long is ended', async () => {
    const slow = command({ name: 'a', command: [node, '-e', 'setTimeout(() => {}, 60000)'], timeoutMs: 100, env: {} });
    await assert.rejects(slow.send(messageOf({}), never), { message: 'it took too long and was ended' });
  });
});
