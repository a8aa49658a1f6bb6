import { describe, expect, test } from 'vitest';
import { eachTransport, hello } from './eachTransport.fixture.ts';
import { ask, startCall, TestVendor, turns } from './TestVendor.fixture.ts';

eachTransport((open) => {
  describe('an aborted call', () => {
    test('closes its connection and says nothing more', async () => {
      const closed = Promise.withResolvers<void>();
      await using vendor = await TestVendor.start(({ socket }) => {
        socket.on('close', () => closed.resolve());
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
      });
      const { heard } = startCall(open(), vendor, { chunk: (handle) => handle.abort() });
      await closed.promise;
      await turns();
      expect(heard).toMatchObject({ body: 'half', ended: false, fault: null });
    });

    test.each(['head', 'chunk'] as const)('hears nothing of what came with its %s', async (moment) => {
      await using vendor = await TestVendor.saying(
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n0\r\n\r\n',
      );
      const { heard } = startCall(open(), vendor, { [moment]: (handle: { abort(): void }) => handle.abort() });
      await turns(60);
      expect(heard).toMatchObject({ status: 200, body: moment === 'head' ? '' : 'a', ended: false, fault: null });
    });

    test('is never sent if it was aborted at once, and may be aborted again', async () => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      const { handle, heard } = startCall(transport, vendor);
      handle.abort();
      handle.abort();
      handle.resume();
      expect(await ask(transport, vendor)).toMatchObject({ ended: true });
      expect(vendor.requests).toHaveLength(1);
      expect(heard).toMatchObject({ status: 0, fault: null });
    });

    test('leaves the others alone', async () => {
      const sockets: (() => void)[] = [];
      await using vendor = await TestVendor.start(({ socket }) => {
        sockets.push(() => socket.write(hello));
        if (sockets.length === 3) for (const answer of sockets) answer();
      });
      const transport = open();
      const calls = [startCall(transport, vendor, { head: (handle) => handle.abort() }), startCall(transport, vendor)];
      calls.push(startCall(transport, vendor));
      expect(await Promise.all(calls.slice(1).map(({ over }) => over))).toMatchObject([
        { ended: true },
        { ended: true },
      ]);
      expect(calls[0]?.heard).toMatchObject({ status: 200, body: '', ended: false });
    });

    test('may be aborted after its end', async () => {
      await using vendor = await TestVendor.saying(hello);
      const transport = open();
      const call = startCall(transport, vendor);
      await call.over;
      call.handle.abort();
      await turns();
      expect(await ask(transport, vendor)).toMatchObject({ ended: true });
      expect(vendor.sockets).toHaveLength(1);
    });
  });

  describe('a paused call', () => {
    test('hears nothing until it is resumed, not even what had come', async () => {
      await using vendor = await TestVendor.saying(
        'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n',
      );
      const transport = open();
      const call = startCall(transport, vendor, { chunk: (handle) => handle.pause() });
      for (const body of ['a', 'ab', 'abc']) {
        await turns(40);
        expect(call.heard).toMatchObject({ body, ended: false, fault: null });
        call.handle.resume();
      }
      expect(await call.over).toMatchObject({ body: 'abc', ended: true });
      await turns(2);
      expect(await ask(transport, vendor)).toMatchObject({ ended: true });
      expect(vendor.sockets).toHaveLength(1);
    });

    test('keeps a vendor from sending on, and loses nothing', async () => {
      const length = 40_000_000;
      await using vendor = await TestVendor.start(({ socket }) => {
        socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${length}\r\n\r\n`);
        socket.write(Buffer.alloc(length, 'x'));
      });
      let paused = false;
      const call = startCall(open(), vendor, {
        chunk: (handle) => {
          if (!paused) handle.pause();
          paused = true;
        },
      });
      await turns(300);
      expect(vendor.sockets[0]?.writableLength).toBeGreaterThan(0);
      expect(call.heard.body.length).toBeLessThan(1_000_000);
      call.handle.resume();
      expect((await call.over).body.length).toBe(length);
    });

    test('hears the end of a body that ended with its connection meanwhile', async () => {
      await using vendor = await TestVendor.start(({ socket }) => {
        socket.write('HTTP/1.1 200 OK\r\n\r\nsome');
        setImmediate(() => socket.end(' and more'));
      });
      let paused = false;
      const call = startCall(open(), vendor, {
        chunk: (handle) => {
          if (!paused) handle.pause();
          paused = true;
        },
      });
      await turns(60);
      call.handle.resume();
      expect(await call.over).toMatchObject({ body: 'some and more', ended: true });
    });

    test('can be aborted', async () => {
      await using vendor = await TestVendor.saying('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf');
      const call = startCall(open(), vendor, { chunk: (handle) => handle.pause() });
      await turns(40);
      call.handle.abort();
      call.handle.resume();
      await turns();
      expect(call.heard).toMatchObject({ body: 'half', ended: false, fault: null });
    });
  });
});
