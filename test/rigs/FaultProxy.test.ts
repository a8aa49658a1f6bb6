import { createServer, type Socket } from 'node:net';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { FaultProxy, type LinkFault } from './FaultProxy.ts';
import { NaiveClient, type NaiveAnswer } from './NaiveClient.ts';

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).toReversed()) await one[Symbol.asyncDispose]();
});

const events = ['data: one\n\n', 'data: two\n\n', 'data: three\n\n'];
const head = `HTTP/1.1 200 OK\r\ncontent-length: ${events.join('').length}\r\n\r\n`;

/** A vendor that answers with three events. */
const openVendor = async (): Promise<string> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('data', () => socket.write(head + events.join('')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  opened.push({
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  });
  const address = server.address();
  return `http://127.0.0.1:${address !== null && typeof address === 'object' ? address.port : 0}`;
};

const askThrough = async (fault: LinkFault, msMax = 150): Promise<NaiveAnswer & { readonly struck: number }> => {
  const proxy = await FaultProxy.open(await openVendor(), fault);
  opened.push(proxy);
  const client = new NaiveClient(proxy.url, { msMax });
  const answer = await client.ask('{}');
  client.close();
  return { ...answer, struck: proxy.struck };
};

test('a link without a fault takes nothing and adds nothing', async () => {
  expect(await askThrough({ kind: 'none' }, 5_000)).toMatchObject({ end: 'whole', body: events.join(''), struck: 0 });
});

test.each([
  ['refuse', { kind: 'refuse' }, 'refused', ''],
  ['hang', { kind: 'hang' }, 'silent', ''],
  ['lost requests', { kind: 'partition', lost: 'to-vendor' }, 'silent', ''],
  ['lost answers', { kind: 'partition', lost: 'to-client' }, 'silent', ''],
  ['a delay', { kind: 'delay', ms: 10_000 }, 'silent', ''],
  ['a reset within the head', { kind: 'cut', by: 'rst', at: { bytes: 10 } }, 'cut', ''],
  ['an end within the head', { kind: 'cut', by: 'fin', at: { bytes: 10 } }, 'cut', ''],
  ['an end behind the head', { kind: 'cut', by: 'fin', at: { bytes: head.length } }, 'cut', ''],
  ['a reset behind an event', { kind: 'cut', by: 'rst', at: { events: 1 } }, 'cut', 'data: one\n\n'],
  ['an end behind an event', { kind: 'cut', by: 'fin', at: { events: 2 } }, 'cut', 'data: one\n\ndata: two\n\n'],
  ['an end inside one', { kind: 'cut', by: 'fin', at: { events: 1, plusBytes: 4 } }, 'cut', 'data: one\n\ndata'],
  ['a lost answer', { kind: 'lose-answer', to: 'POST' }, 'cut', ''],
  ['a half-close', { kind: 'half-close', at: { events: 1 } }, 'cut', 'data: one\n\n'],
] as const)('%s hurts a naive client', async (_name, fault, end, body) => {
  const answer = await askThrough(fault);
  expect(answer).toMatchObject({ end, body });
  expect(answer.struck).toBe(fault.kind === 'refuse' ? 0 : 1);
});

test('dribbled bytes come in the end, to who waits', async () => {
  expect(await askThrough({ kind: 'dribble', bytesPerSecond: 20 }, 20)).toMatchObject({ end: 'silent' });
  expect(await askThrough({ kind: 'dribble', bytesPerSecond: 2_000 }, 10_000)).toMatchObject({
    end: 'whole',
    body: events.join(''),
  });
});

test('a delay is a delay, and no more', async () => {
  expect(await askThrough({ kind: 'delay', ms: 20 }, 10_000)).toMatchObject({ end: 'whole', body: events.join('') });
});

test('a link that loses the answer to some words lets the others through', async () => {
  expect(await askThrough({ kind: 'lose-answer', to: 'COMMIT' }, 5_000)).toMatchObject({ end: 'whole', struck: 0 });
});

test('a link that is redirected goes to the other one, and what was open is cut', async () => {
  const proxy = await FaultProxy.open('http://127.0.0.1:9');
  opened.push(proxy);
  const client = new NaiveClient(proxy.url, { msMax: 5_000 });
  expect(await client.ask('{}')).toMatchObject({ end: 'cut' });
  proxy.redirect(await openVendor());
  expect(await client.ask('{}')).toMatchObject({ end: 'whole' });
  client.close();
});

test('a link that refused comes back', async () => {
  const proxy = await FaultProxy.open(await openVendor(), { kind: 'refuse' });
  opened.push(proxy);
  await proxy.set({ kind: 'none' });
  const client = new NaiveClient(proxy.url, { msMax: 5_000 });
  expect(await client.ask('{}')).toMatchObject({ end: 'whole' });
  client.close();
});
