import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { TransportFault, UpstreamHandle } from './Transport.ts';
import { UndiciTransport } from './UndiciTransport.ts';

const servers: Server[] = [];
const sockets = new Set<Socket>();
const transports: UndiciTransport[] = [];

afterEach(async () => {
  await Promise.all(transports.splice(0).map((transport) => transport.close()));
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  await Promise.all(servers.splice(0).map((server) => new Promise((done) => server.close(done))));
});

const listen = async (answer: (socket: Socket, request: string) => void): Promise<string> => {
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    let request = '';
    socket.on('data', (bytes) => {
      request += bytes.toString('latin1');
      if (!request.endsWith('{}')) return;
      answer(socket, request);
      request = '';
    });
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return `http://127.0.0.1:${address.port}`;
};

interface Heard {
  status: number;
  body: string;
  fault: TransportFault | null;
}

const ask = (
  origin: string,
  use?: (handle: UpstreamHandle, heard: Heard) => void,
  credential = 'a',
): Promise<Heard> => {
  const transport = transports[0] ?? new UndiciTransport();
  if (transports.length === 0) transports.push(transport);
  return new Promise((done) => {
    const heard: Heard = { status: 0, body: '', fault: null };
    const handle: UpstreamHandle = transport.call(
      {
        origin,
        credential,
        method: 'POST',
        path: '/x?y=1',
        headers: { 'content-type': 'application/json' },
        body: Buffer.from('{}'),
      },
      {
        head: (status) => {
          heard.status = status;
        },
        chunk: (bytes) => {
          heard.body += bytes.toString();
          use?.(handle, heard);
        },
        end: () => done(heard),
        failed: (fault) => done({ ...heard, fault }),
      },
    );
  });
};

test('an answer arrives as head, chunks and end', async () => {
  let seen = '';
  const origin = await listen((socket, request) => {
    seen = request;
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone');
  });
  expect(await ask(origin)).toEqual({ status: 200, body: 'done', fault: null });
  expect(seen).toMatch(/^POST \/x\?y=1 HTTP\/1\.1\r\n/);
  expect(seen.endsWith('\r\n\r\n{}')).toBe(true);
});

test('a refused connection is told apart as never sent', async () => {
  const origin = await listen(() => {});
  await new Promise((done) => servers.splice(0)[0]?.close(done));
  expect((await ask(origin)).fault).toMatchObject({ cause: 'connect_refused', sent: false });
});

test('a connection cut before or inside the answer is a reset that the vendor may bill', async () => {
  const before = await listen((socket) => socket.destroy());
  expect((await ask(before)).fault).toMatchObject({ cause: 'reset', sent: true });
  const inside = await listen((socket) => {
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
    socket.end();
  });
  expect(await ask(inside)).toMatchObject({ status: 200, body: 'half', fault: { cause: 'reset', sent: true } });
});

test('bytes that are not HTTP are a malformed answer', async () => {
  const origin = await listen((socket) => socket.write('220 smtp.example ESMTP\r\n'));
  expect((await ask(origin)).fault).toMatchObject({ cause: 'answer_malformed' });
});

test('an aborted call closes its connection and says nothing more', async () => {
  let closed: () => void = () => {};
  const gone = new Promise<void>((done) => (closed = done));
  const origin = await listen((socket) => {
    socket.on('close', () => closed());
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
  });
  let said = false;
  void ask(origin, (handle) => handle.abort()).then(() => (said = true));
  await gone;
  await new Promise((done) => setImmediate(done));
  expect(said).toBe(false);
});

test('two credentials never share a connection', async () => {
  const seen: Socket[] = [];
  const origin = await listen((socket) => {
    seen.push(socket);
    socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok');
  });
  await ask(origin, undefined, 'a');
  await new Promise((done) => setImmediate(done));
  await ask(origin, undefined, 'a');
  await ask(origin, undefined, 'b');
  expect(new Set(seen.slice(0, 2)).size).toBe(1);
  expect(seen[2]).not.toBe(seen[0]);
});
