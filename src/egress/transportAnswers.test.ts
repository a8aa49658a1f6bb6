import { describe, expect, test } from 'vitest';
import { malformedAnswers, smallAnswers } from './answers.fixture.ts';
import { eachTransport, hello } from './eachTransport.fixture.ts';
import { ask, TestVendor, turns } from './TestVendor.fixture.ts';

eachTransport((open) => {
  test('an answer arrives as head, chunks and end', async () => {
    await using vendor = await TestVendor.saying(hello);
    const heard = await ask(open(), vendor);
    expect(heard).toEqual({
      status: 200,
      headers: { 'x-a': 'b', 'content-length': '4' },
      body: 'done',
      ended: true,
      fault: null,
    });
  });

  test('a request names its host, says its length and repeats nothing', async () => {
    await using vendor = await TestVendor.saying(hello);
    await ask(open(), { origin: vendor.origin, headers: { authorization: 'Bearer b', 'x-odd': 'gru\xdf' } });
    const [head = '', body] = vendor.requests[0]?.split('\r\n\r\n') ?? [];
    const [line, ...headers] = head.split('\r\n');
    expect(line).toBe('POST /x?y=1 HTTP/1.1');
    expect(headers.toSorted()).toEqual([
      'authorization: Bearer b',
      'connection: keep-alive',
      'content-length: 2',
      `host: 127.0.0.1:${vendor.port}`,
      'x-odd: gru\xdf',
    ]);
    expect(body).toBe('{}');
  });

  test.each([0, 1, 16_384, 16_385, 3_000_000])('a body of %i bytes arrives as it is', async (length) => {
    await using vendor = await TestVendor.saying(hello);
    const body = Buffer.alloc(length, Buffer.from(Array.from({ length: 256 }, (_, code) => code)));
    // A view into the middle of a larger array, and no Buffer.
    const bytes = new Uint8Array([1, 2, 3, ...body, 4]).subarray(3, 3 + length);
    expect(await ask(open(), { origin: vendor.origin, body: bytes })).toMatchObject({ ended: true });
    const request = vendor.requests[0] ?? '';
    expect(Buffer.from(request.slice(request.indexOf('\r\n\r\n') + 4), 'latin1').equals(body)).toBe(true);
  });

  test('a call without a body has none', async () => {
    await using vendor = await TestVendor.saying(hello);
    await ask(open(), { origin: vendor.origin, method: 'GET', body: null });
    expect(vendor.requests[0]).toMatch(/^GET [^]*[^\n]\r\n\r\n$/);
    expect(vendor.requests[0]).not.toMatch(/content-length/);
  });

  describe.each(Object.entries(smallAnswers))('%s', (_kind, { wire, body }) => {
    test('is heard the same at every split', async () => {
      let split = 0;
      await using vendor = await TestVendor.start(({ socket }) => {
        socket.write(wire.slice(0, split), 'latin1');
        setImmediate(() => setImmediate(() => socket.write(wire.slice(split), 'latin1')));
      });
      const transport = open();
      for (split = 1; split < wire.length; split += 1) {
        expect(await ask(transport, vendor)).toMatchObject({ status: 200, body, ended: true, fault: null });
        await turns(2);
      }
      expect(vendor.sockets).toHaveLength(1);
    });
  });

  test('a body without a length ends with its connection', async () => {
    await using vendor = await TestVendor.start(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nsome');
      setImmediate(() => socket.end(' and more'));
    });
    expect(await ask(open(), vendor)).toMatchObject({ body: 'some and more', ended: true });
  });

  test.each([
    ['POST', 'HTTP/1.1 204 No Content\r\nx: y\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n'],
    ['HEAD', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'],
  ] as const)('the answer to %s %j has no body', async (method, answer) => {
    await using vendor = await TestVendor.saying(answer);
    const transport = open();
    for (let count = 0; count < 3; count += 1) {
      expect(await ask(transport, { origin: vendor.origin, method, body: null })).toMatchObject({
        body: '',
        ended: true,
      });
    }
  });

  test('content may be kept: what comes later does not change it', async () => {
    await using vendor = await TestVendor.start(({ socket, connection }) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9000\r\n\r\n${String(connection).repeat(9_000)}`);
    });
    const transport = open();
    const kept: Buffer[] = [];
    const listen = { bytes: (bytes: Buffer) => void kept.push(bytes) };
    await Promise.all([1, 2, 3].map(() => ask(transport, vendor, listen)));
    const text = Buffer.concat(kept).toString();
    expect(['1', '2', '3'].map((letter) => text.split(letter).length - 1)).toEqual([9_000, 9_000, 9_000]);
  });

  test('headers that come again are a list', async () => {
    await using vendor = await TestVendor.saying('HTTP/1.1 200 OK\r\nA: b\r\na: c\r\ncontent-length: 0\r\n\r\n');
    expect((await ask(open(), vendor)).headers).toEqual({ a: ['b', 'c'], 'content-length': '0' });
  });

  test('a header block beyond the limit is a malformed answer', async () => {
    await using vendor = await TestVendor.saying(
      `HTTP/1.1 200 OK\r\na: ${'b'.repeat(2_000)}\r\ncontent-length: 0\r\n\r\n`,
    );
    expect((await ask(open({ headerBytes: 1_000 }), vendor)).fault).toMatchObject({
      cause: 'answer_malformed',
      sent: true,
    });
    expect(await ask(open({ headerBytes: 3_000 }), vendor)).toMatchObject({ ended: true });
  });

  describe('what is no answer', () => {
    test('is a malformed one, which the vendor may bill', async () => {
      await using vendor = await TestVendor.saying('220 smtp.example ESMTP\r\n');
      expect((await ask(open(), vendor)).fault).toMatchObject({ cause: 'answer_malformed', sent: true });
    });

    test.each(['two lengths', 'a length beside chunks', 'a folded header', 'a chunk size that is no number'])(
      '%s never becomes a whole one',
      async (name) => {
        await using vendor = await TestVendor.start(({ socket }) => socket.end(malformedAnswers[name] ?? '', 'latin1'));
        expect(await ask(open(), vendor)).toMatchObject({ ended: false, fault: { sent: true } });
      },
    );
  });
});
