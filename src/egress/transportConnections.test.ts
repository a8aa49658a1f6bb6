import { createServer as createTlsServer } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { eachTransport, hello } from './eachTransport.fixture.ts';
import { selfSigned } from './selfSigned.fixture.ts';
import { ask, startCall, TestVendor, turns } from './TestVendor.fixture.ts';

const localhost = selfSigned('localhost');
const elsewhere = selfSigned('elsewhere.example');
const expired = selfSigned('localhost', '210101000000Z');

eachTransport((open) => {
  describe('connections', () => {
    test('are used again, but never by another credential [A9]', async () => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      for (const credential of ['a', 'a', 'b', 'a', 'b']) {
        await ask(transport, { origin: vendor.origin, credential });
        await turns(2);
      }
      expect(vendor.sockets).toHaveLength(2);
    });

    test.each([
      'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n',
      'HTTP/1.1 200 OK\r\ncontent-length: 0\r\nkeep-alive: timeout=1\r\n\r\n',
      'HTTP/1.0 200 OK\r\ncontent-length: 0\r\n\r\n',
    ])('are not used again after %j', async (answer) => {
      await using vendor = await TestVendor.saying(answer);
      const transport = open();
      for (let count = 0; count < 3; count += 1) expect(await ask(transport, vendor)).toMatchObject({ ended: true });
      expect(vendor.sockets).toHaveLength(3);
    });

    test('are as many as the limit says, and the calls beyond it wait', async () => {
      await using vendor = await TestVendor.start(({ socket }) => {
        setImmediate(() => setImmediate(() => socket.write(hello)));
      });
      const transport = open({ connectionsMax: 2 });
      const heard = await Promise.all(Array.from({ length: 9 }, () => ask(transport, vendor)));
      expect(heard.every(({ ended }) => ended)).toBe(true);
      expect(vendor.sockets).toHaveLength(2);
    });

    test('that the vendor closed while idle are not used again', async () => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      await ask(transport, vendor);
      vendor.sockets[0]?.end();
      await turns();
      expect(await ask(transport, vendor)).toMatchObject({ ended: true, fault: null });
      expect(vendor.sockets).toHaveLength(2);
    });

    test('with a second answer on them are cut, and the next call gets its own [A9]', async () => {
      const poison = 'HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\npoison';
      await using vendor = await TestVendor.start(({ socket, connection }) => {
        socket.write(connection === 1 ? `${hello}${poison}` : hello);
      });
      const transport = open();
      expect(await ask(transport, vendor)).toMatchObject({ body: 'done', ended: true });
      expect(await ask(transport, vendor)).toMatchObject({ body: 'done', ended: true });
      expect(vendor.sockets).toHaveLength(2);
    });

    test('on which something comes while they are idle are cut [A9]', async () => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      await ask(transport, vendor);
      await turns();
      vendor.sockets[0]?.write('HTTP/1.1 408 Request Timeout\r\ncontent-length: 0\r\n\r\n');
      await turns();
      expect(await ask(transport, vendor)).toMatchObject({ status: 200, ended: true });
      expect(vendor.sockets).toHaveLength(2);
    });

    test('are closed when they were idle for long', async () => {
      await using vendor = await TestVendor.saying(hello);
      expect(await ask(open({ idleConnectionMs: 5 }), vendor)).toMatchObject({ ended: true });
      await new Promise((done) => vendor.sockets[0]?.on('close', done));
    });
  });

  describe('TLS', () => {
    test('works with whom we trust, and connections are used again', async () => {
      await using vendor = await TestVendor.start(({ socket }) => socket.write(hello), localhost);
      const transport = open({}, { ca: localhost.certificate });
      for (let count = 0; count < 3; count += 1) {
        expect(await ask(transport, { origin: vendor.origin, body: Buffer.alloc(20_000) })).toMatchObject({
          body: 'done',
        });
        await turns(2);
      }
      expect(vendor.sockets).toHaveLength(1);
    });

    test('reads long answers and pauses', async () => {
      const length = 3_000_000;
      await using vendor = await TestVendor.start(({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`);
        socket.write(Buffer.alloc(length, 'x'));
      }, localhost);
      const call = startCall(open({}, { ca: localhost.certificate }), vendor, {
        chunk: (handle) => {
          handle.pause();
          setImmediate(() => handle.resume());
        },
      });
      expect((await call.over).body.length).toBe(length);
    });

    test('reads an answer that ends with its connection', async () => {
      await using vendor = await TestVendor.start(({ socket }) => socket.end('HTTP/1.1 200 OK\r\n\r\nall'), localhost);
      const paused = startCall(open({}, { ca: localhost.certificate }), vendor, {
        head: (handle) => {
          handle.pause();
          void turns(60).then(() => handle.resume());
        },
      });
      expect(await paused.over).toMatchObject({ body: 'all', ended: true });
    });

    test.each([
      ['whom nobody trusts', localhost, {}],
      ['another name', elsewhere, { ca: elsewhere.certificate }],
      ['years ago', expired, { ca: expired.certificate }],
    ])('refuses a certificate of %s', async (_of, certificate, trust) => {
      await using vendor = await TestVendor.start(({ socket }) => socket.write(hello), certificate);
      expect((await ask(open({}, trust), vendor)).fault).toMatchObject({ cause: 'tls', sent: false });
      expect(vendor.requests).toEqual([]);
    });

    test.each(['an end', 'a reset', 'words of its own'])(
      'that is cut in its handshake by %s shows nothing',
      async (how) => {
        await using vendor = await TestVendor.start(() => {});
        const call = startCall(open({ connectMs: 5_000 }), { origin: `https://127.0.0.1:${vendor.port}` });
        while (vendor.sockets.length === 0) await turns(1);
        const [socket] = vendor.sockets;
        // Behind the client's first message.
        await new Promise((done) => socket?.once('data', done));
        if (how === 'an end') socket?.end();
        else if (how === 'a reset') socket?.resetAndDestroy();
        else socket?.end('\x15\x03\x01\x00\x02\x02\x28', 'latin1');
        const { fault } = await call.over;
        expect(fault).toMatchObject({ sent: false });
        expect(fault?.cause).toMatch(/^(tls|reset)$/);
        expect(vendor.requests).toEqual([]);
      },
    );

    test('older than 1.2 is not spoken', async () => {
      const server = createTlsServer({
        key: localhost.key,
        cert: localhost.certificate,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      server.on('tlsClientError', () => {});
      await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
      const address = server.address();
      const port = address !== null && typeof address === 'object' ? address.port : 0;
      const { fault } = await ask(open({}, { ca: localhost.certificate }), { origin: `https://localhost:${port}` });
      expect(fault).toMatchObject({ cause: 'tls', sent: false });
      await new Promise((done) => server.close(done));
    });

    test('is not spoken by a vendor of plain HTTP, who sees nothing of the request', async () => {
      await using vendor = await TestVendor.start(() => {});
      const listening = vendor.sockets;
      const call = startCall(open({ connectMs: 1_000 }), { origin: `https://127.0.0.1:${vendor.port}` });
      while (listening.length === 0) await turns(1);
      listening[0]?.end('HTTP/1.1 400 Bad Request\r\n\r\n');
      const { fault } = await call.over;
      expect(fault).toMatchObject({ sent: false });
      expect(fault?.cause).toMatch(/^(tls|reset)$/);
      expect(vendor.requests).toEqual([]);
    });
  });
});
