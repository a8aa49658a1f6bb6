import { describe, expect, test } from 'vitest';
import { eachTransport, hello } from './eachTransport.fixture.ts';
import { ask, startCall, TestVendor } from './TestVendor.fixture.ts';

eachTransport((open) => {
  describe('a fault tells whether the vendor may have seen the request', () => {
    test('a refused connection: never', async () => {
      const vendor = await TestVendor.saying(hello);
      await vendor[Symbol.asyncDispose]();
      const { fault } = await ask(open(), { origin: `http://127.0.0.1:${vendor.port}` });
      expect(fault).toMatchObject({ cause: 'connect_refused', sent: false });
    });

    test('an unknown name: never', async () => {
      // A label of this length is refused before anybody is asked.
      const { fault } = await ask(open(), { origin: `http://${'a'.repeat(64)}.example` });
      expect(fault).toMatchObject({ cause: 'name_not_found', sent: false });
    });

    test('no connection in time: never', async () => {
      // The handshake of TLS belongs to the connection, and this vendor does not speak it.
      await using vendor = await TestVendor.saying(hello);
      const { fault } = await ask(open({ connectMs: 100, connectRaceMs: 50 }), {
        origin: `https://127.0.0.1:${vendor.port}`,
      });
      expect(fault).toMatchObject({ cause: 'connect_timeout', sent: false });
      expect(vendor.requests).toEqual([]);
    });

    test('a connection cut before or inside the answer: it may', async () => {
      await using before = await TestVendor.start(({ socket }) => socket.destroy());
      expect((await ask(open(), before)).fault).toMatchObject({ cause: 'reset', sent: true });
      await using silent = await TestVendor.start(({ socket }) => socket.end());
      expect((await ask(open(), silent)).fault).toMatchObject({ cause: 'reset', sent: true });
      await using inside = await TestVendor.start(({ socket }) => {
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
      });
      const half = { status: 200, body: 'half', ended: false, fault: { cause: 'reset', sent: true } };
      expect(await ask(open(), inside)).toMatchObject(half);
      await using chunk = await TestVendor.start(({ socket }) => {
        socket.end('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n');
      });
      expect(await ask(open(), chunk)).toMatchObject({ body: 'half', ended: false, fault: { sent: true } });
    });

    test.each([
      ['x-bad', 'a\r\nx-injected: b'],
      ['x-bad', 'a\0'],
      ['x bad', 'a'],
      ['x-bad\r\nx-injected', 'a'],
      ['transfer-encoding', 'chunked'],
      ['expect', '100-continue'],
    ])('the header %j: %j: never, for it is not sent', async (name, value) => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      const { fault } = await ask(transport, { origin: vendor.origin, headers: { [name]: value } });
      expect(fault).toMatchObject({ sent: false });
      expect(await ask(transport, vendor)).toMatchObject({ ended: true });
      expect(vendor.requests).toHaveLength(1);
      expect(vendor.requests[0]).not.toContain('injected');
    });

    test('a closed transport: never', async () => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      await transport.close();
      expect((await ask(transport, vendor)).fault).toMatchObject({ cause: 'aborted', sent: false });
      expect(vendor.requests).toEqual([]);
    });

    test('a transport that closes under a call: it may', async () => {
      await using vendor = await TestVendor.start(({ socket }) => socket.write('HTTP/1.1 200 OK\r\n\r\nhalf'));
      const transport = open();
      const call = startCall(transport, vendor, { chunk: () => void transport.close() });
      expect((await call.over).fault).toMatchObject({ sent: true });
    });
  });
});
