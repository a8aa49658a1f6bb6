import { createServer } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { malformedAnswers } from '../answers.fixture.ts';
import { selfSigned } from '../selfSigned.fixture.ts';
import { ask, startCall, TestVendor, turns, type Heard } from '../TestVendor.fixture.ts';
import { defaultTransportLimits, type TransportLimits } from '../TransportLimits.ts';
import { LeanTransport, type LeanOptions } from './LeanTransport.ts';

// What holds for every transport stands in the tests of ../, on eachTransport.

const opened: LeanTransport[] = [];
const open = (limits: Partial<TransportLimits> = {}, options: LeanOptions = {}): LeanTransport => {
  const transport = new LeanTransport({ ...defaultTransportLimits, ...limits }, options);
  opened.push(transport);
  return transport;
};
afterEach(() => Promise.all(opened.splice(0).map((transport) => transport.close())));

const hello = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone';
const poison = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison';

test.each(Object.entries(malformedAnswers))('%s is a malformed answer', async (_name, wire) => {
  await using vendor = await TestVendor.start(({ socket }) => socket.write(wire, 'latin1'));
  const transport = open();
  const heard = await ask(transport, vendor);
  expect(heard).toMatchObject({ ended: false, fault: { cause: 'answer_malformed', sent: true } });
  await turns();
  expect(vendor.sockets[0]?.closed).toBe(true);
});

test('a small request goes out in one write, a large one in two at most', async () => {
  const reads: number[] = [];
  await using vendor = await TestVendor.start(({ socket }) => socket.write(hello));
  const transport = open();
  await ask(transport, vendor);
  vendor.sockets[0]?.on('data', (bytes) => reads.push(bytes.length));
  await ask(transport, { origin: vendor.origin, body: Buffer.alloc(10_000, 'x') });
  expect(reads).toHaveLength(1);
  expect(vendor.sockets).toHaveLength(1);
});

test('a continue that nobody asked for is skipped', async () => {
  await using vendor = await TestVendor.saying(`HTTP/1.1 100 Continue\r\n\r\n${hello}`);
  expect(await ask(open(), vendor)).toMatchObject({ status: 200, body: 'done', ended: true });
});

test('a body without a length that is cut off is a reset, not an end', async () => {
  await using vendor = await TestVendor.start(({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\n\r\nhalf');
    void turns().then(() => socket.resetAndDestroy());
  });
  expect(await ask(open(), vendor)).toMatchObject({
    body: 'half',
    ended: false,
    fault: { cause: 'reset', sent: true },
  });
});

test('a listener hears a refusal only once it holds its handle', async () => {
  const transport = open();
  const { handle, heard, over } = startCall(transport, { headers: { 'x bad': 'a' } });
  expect(heard.fault).toBeNull();
  handle.abort();
  const { over: second } = startCall(transport, { headers: { 'x bad': 'a' } });
  expect((await second).fault).toMatchObject({ cause: 'reset', sent: false, message: 'an invalid header name' });
  expect(heard.fault).toBeNull();
  void over;
});

test('a listener that throws ends its own call only', async () => {
  await using vendor = await TestVendor.saying(hello);
  const transport = open();
  const broken = startCall(transport, vendor, {
    chunk: () => {
      throw new Error('no room');
    },
  });
  const fine = startCall(transport, vendor);
  expect((await broken.over).fault).toMatchObject({
    cause: 'aborted',
    sent: true,
    message: expect.stringContaining('no room'),
  });
  expect(await fine.over).toMatchObject({ ended: true });
});

describe('the pool', () => {
  test('keeps one connection busy rather than opening another', async () => {
    await using vendor = await TestVendor.saying(hello);
    const transport = open();
    let asked = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    const next = (): void => {
      asked += 1;
      if (asked === 20) return resolve();
      // From within the end of the one before.
      startCall(transport, vendor, { end: next });
    };
    next();
    await promise;
    expect(vendor.sockets).toHaveLength(1);
  });

  test('refuses a call when too many wait, and serves those that waited', async () => {
    const waiting: (() => void)[] = [];
    await using vendor = await TestVendor.start(({ socket }) => waiting.push(() => socket.write(hello)));
    const transport = open({ connectionsMax: 1, waitingMax: 2 });
    const first = startCall(transport, vendor);
    while (waiting.length === 0) await turns(1);
    const second = startCall(transport, vendor);
    const third = startCall(transport, vendor);
    expect((await ask(transport, vendor)).fault).toMatchObject({ cause: 'connect_refused', sent: false });
    third.handle.abort();
    const fourth = startCall(transport, vendor);
    for (const call of [first, second, fourth]) {
      while (waiting.length === 0) await turns(1);
      waiting.shift()?.();
      expect(await call.over).toMatchObject({ ended: true });
    }
    expect(vendor.requests).toHaveLength(3);
    expect(third.heard).toMatchObject({ status: 0, fault: null });
  });

  test('tells those that wait when it closes', async () => {
    await using vendor = await TestVendor.start(() => {});
    const transport = open({ connectionsMax: 1 });
    const first = startCall(transport, vendor);
    while (vendor.requests.length === 0) await turns(1);
    const second = startCall(transport, vendor);
    await transport.close();
    expect((await first.over).fault).toMatchObject({ cause: 'reset', sent: true });
    expect((await second.over).fault).toMatchObject({ cause: 'aborted', sent: false });
  });

  test('fails each call that waits for a connection that cannot be had', async () => {
    const vendor = await TestVendor.saying(hello);
    await vendor[Symbol.asyncDispose]();
    const transport = open({ connectionsMax: 2 });
    const heard = await Promise.all(Array.from({ length: 5 }, () => ask(transport, vendor)));
    for (const { fault } of heard) expect(fault).toMatchObject({ cause: 'connect_refused', sent: false });
  });

  test('goes on when a vendor comes back', async () => {
    const vendor = await TestVendor.saying(hello);
    await vendor[Symbol.asyncDispose]();
    const transport = open();
    expect((await ask(transport, vendor)).fault).toMatchObject({ cause: 'connect_refused' });
    const server = createServer((socket) => socket.on('data', () => socket.write(hello)));
    await new Promise<void>((done) => server.listen(vendor.port, '127.0.0.1', done));
    expect(await ask(transport, vendor)).toMatchObject({ ended: true });
    await transport.close();
    await new Promise((done) => server.close(done));
  });

  test('does not keep an idle connection longer than the vendor does', async () => {
    let nowMs = 0;
    await using vendor = await TestVendor.saying(
      'HTTP/1.1 200 OK\r\nkeep-alive: timeout=5\r\ncontent-length: 0\r\n\r\n',
    );
    const transport = open({}, { monotonicMs: () => nowMs });
    const connectionsAfter = async (idleMs: number): Promise<number> => {
      await turns();
      nowMs += idleMs;
      await ask(transport, vendor);
      return vendor.sockets.length;
    };
    expect(await connectionsAfter(0)).toBe(1);
    expect(await connectionsAfter(3_999)).toBe(1);
    expect(await connectionsAfter(3_999)).toBe(1);
    expect(await connectionsAfter(4_000)).toBe(2);
  });

  test('does not keep an idle connection longer than its limit', async () => {
    let nowMs = 0;
    await using vendor = await TestVendor.saying(hello);
    const transport = open({ idleConnectionMs: 30_000 }, { monotonicMs: () => nowMs });
    for (const [idleMs, connections] of [
      [0, 1],
      [29_999, 1],
      [30_000, 2],
    ] as const) {
      await turns();
      nowMs += idleMs;
      expect(await ask(transport, vendor)).toMatchObject({ ended: true });
      expect(vendor.sockets).toHaveLength(connections);
    }
  });

  test('does not use a connection on which the answer came before the request was read', async () => {
    await using vendor = await TestVendor.start(() => {});
    const transport = open();
    const large = startCall(transport, { origin: vendor.origin, body: Buffer.alloc(40_000_000) });
    while (vendor.sockets.length === 0) await turns(1);
    vendor.sockets[0]?.pause();
    vendor.sockets[0]?.write('HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n');
    expect(await large.over).toMatchObject({ status: 413, ended: true });
    await turns();
    const next = startCall(transport, vendor);
    while (vendor.requests.length === 0) await turns(1);
    next.handle.abort();
    expect(vendor.sockets).toHaveLength(2);
  });
});

describe('a second answer on a connection is never another call’s [A9]', () => {
  const poisonedBy = async (say: (write: (text: string) => void) => void, goOn: 'within' | 'after'): Promise<void> => {
    await using vendor = await TestVendor.start(({ socket, connection }) => {
      if (connection === 1) say((text) => socket.write(text));
      else socket.write(hello);
    });
    const transport = open();
    const { promise: second, resolve } = Promise.withResolvers<Heard>();
    const again = (): void => void ask(transport, vendor).then(resolve);
    expect(await ask(transport, vendor, goOn === 'within' ? { end: again } : {})).toMatchObject({ body: 'done' });
    if (goOn === 'after') again();
    expect(await second).toMatchObject({ body: 'done', ended: true });
    expect(vendor.requests).toHaveLength(2);
    expect(vendor.sockets).toHaveLength(2);
  };

  test.each(['within', 'after'] as const)('in one write with the first, the next call made %s its end', (goOn) =>
    poisonedBy((write) => write(hello + poison), goOn),
  );

  test.each(['within', 'after'] as const)('in the next write, the next call made %s its end', (goOn) =>
    poisonedBy((write) => {
      write(hello);
      write(poison);
    }, goOn),
  );

  test.each(['within', 'after'] as const)('byte by byte, the next call made %s its end', (goOn) =>
    poisonedBy((write) => {
      write(hello.slice(0, -1));
      write('e');
      for (const letter of poison) write(letter);
    }, goOn),
  );

  test('when it comes right behind the first and the next call is made at its end', async () => {
    await using vendor = await TestVendor.saying(hello);
    const transport = open();
    const { promise: second, resolve } = Promise.withResolvers<Heard>();
    const again = (): void => {
      // In the kernel by now, while the loop is still at the reading of the first.
      vendor.sockets[0]?.write(poison);
      void ask(transport, vendor).then(resolve);
    };
    await ask(transport, vendor, { end: again });
    expect(await second).toMatchObject({ body: 'done', ended: true });
    expect(vendor.sockets).toHaveLength(2);
  });

  test('when it comes with the call already on the connection, the call goes to another', async () => {
    await using vendor = await TestVendor.saying(hello);
    const transport = open();
    await ask(transport, vendor);
    await turns();
    vendor.sockets[0]?.write(poison);
    // Written to the kernel by now, read by nobody yet.
    expect(await ask(transport, vendor)).toMatchObject({ body: 'done', ended: true });
    expect(vendor.requests).toHaveLength(2);
    expect(vendor.sockets).toHaveLength(2);
  });

  test('when the vendor closes at that moment, the call goes to another', async () => {
    await using vendor = await TestVendor.saying(hello);
    const transport = open();
    await ask(transport, vendor);
    await turns();
    vendor.sockets[0]?.destroy();
    await new Promise((done) => vendor.sockets[0]?.on('close', done));
    expect(await ask(transport, vendor)).toMatchObject({ body: 'done', ended: true, fault: null });
    expect(vendor.requests).toHaveLength(2);
  });

  test('a call that is aborted before its request was written leaves the connection to the next', async () => {
    await using vendor = await TestVendor.saying(hello);
    const transport = open();
    await ask(transport, vendor);
    await turns();
    for (let count = 0; count < 3; count += 1) startCall(transport, vendor).handle.abort();
    expect(await ask(transport, vendor)).toMatchObject({ ended: true });
    expect(vendor.requests).toHaveLength(2);
    expect(vendor.sockets).toHaveLength(1);
  });
});

describe('TLS', () => {
  const certificate = selfSigned('localhost');

  test('takes a session up again on the next connection', async () => {
    await using secure = await TestVendor.start(
      ({ socket }) => socket.write('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n'),
      certificate,
    );
    const transport = open({}, { ca: certificate.certificate });
    for (let count = 0; count < 3; count += 1) {
      expect(await ask(transport, secure)).toMatchObject({ ended: true });
      await turns();
    }
    expect(secure.sessionsReused).toEqual([false, true, true]);
  });

  test('offers HTTP/1.1 only', async () => {
    await using secure = await TestVendor.start(({ socket }) => socket.write(hello), certificate);
    await ask(open({}, { ca: certificate.certificate }), secure);
    expect(secure.sockets[0]).toMatchObject({ alpnProtocol: 'http/1.1', servername: 'localhost' });
  });
});
