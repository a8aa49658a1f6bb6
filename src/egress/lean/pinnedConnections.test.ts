import { afterEach, describe, expect, test } from 'vitest';
import type { ResolveName } from '../address/resolveName.ts';
import { selfSigned } from '../selfSigned.fixture.ts';
import { ask, TestVendor, turns } from '../TestVendor.fixture.ts';
import { defaultTransportLimits, type TransportLimits } from '../TransportLimits.ts';
import { LeanTransport, type LeanOptions } from './LeanTransport.ts';

const opened: LeanTransport[] = [];
const open = (options: LeanOptions, limits: Partial<TransportLimits> = {}): LeanTransport => {
  const transport = new LeanTransport({ ...defaultTransportLimits, ...limits }, options);
  opened.push(transport);
  return transport;
};
afterEach(() => Promise.all(opened.splice(0).map((transport) => transport.close())));

const hello = 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone';

/** Answers the look-ups one after the other; the last answer stays. @param names takes those that were asked for */
const resolver = (answers: readonly (readonly string[])[], names: string[] = []): ResolveName => {
  let next = 0;
  return (name) => {
    names.push(name);
    next = Math.min(next + 1, answers.length);
    return Promise.resolve(answers[next - 1] ?? []);
  };
};

describe('a name is looked up once for each connection [A14]', () => {
  test('and the connection goes to that address, under the name', async () => {
    await using vendor = await TestVendor.saying(hello);
    const names: string[] = [];
    const transport = open({ resolve: resolver([['127.0.0.1']], names) });
    const origin = `http://vendor.example:${vendor.port}`;
    expect(await ask(transport, { origin })).toMatchObject({ body: 'done' });
    expect(names).toEqual(['vendor.example']);
    expect(vendor.requests[0]).toContain(`\r\nhost: vendor.example:${vendor.port}\r\n`);
    await turns();
    await ask(transport, { origin });
    expect(names).toHaveLength(1);
  });

  test('and TLS is spoken with the name, not with the address', async () => {
    const certificate = selfSigned('vendor.example');
    await using vendor = await TestVendor.start(({ socket }) => socket.write(hello), certificate);
    const resolve = resolver([['127.0.0.1']]);
    const origin = `https://vendor.example:${vendor.port}`;
    expect(await ask(open({ resolve, ca: certificate.certificate }), { origin })).toMatchObject({ body: 'done' });
    expect(vendor.sockets[0]).toMatchObject({ servername: 'vendor.example' });
    const elsewhere = `https://other.example:${vendor.port}`;
    const { fault } = await ask(open({ resolve, ca: certificate.certificate }), { origin: elsewhere });
    expect(fault).toMatchObject({ cause: 'tls', sent: false });
  });

  test('a name that leads here after its first look-up is refused from then on [G13]', async () => {
    await using vendor = await TestVendor.saying('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    // The first address is a vendor far away, of which this machine cannot have one: it refuses, or nobody answers.
    const transport = open({ resolve: resolver([['255.255.255.254'], ['127.0.0.1']]) }, { connectMs: 100 });
    const origin = `http://vendor.example:${vendor.port}`;
    const first = await ask(transport, { origin, reach: 'private' });
    expect(first.fault?.cause).toMatch(/^(connect_refused|connect_timeout|reset)$/);
    for (let count = 0; count < 3; count += 1) {
      const { fault } = await ask(transport, { origin, reach: 'private' });
      expect(fault).toMatchObject({ cause: 'forbidden_address', sent: false });
    }
    expect(vendor.sockets).toHaveLength(0);
  });

  test('one that leads to several places is called where it may be', async () => {
    await using vendor = await TestVendor.saying(hello);
    const transport = open({ resolve: resolver([['0.0.0.0', '169.254.169.254', '127.0.0.1']]) });
    expect(await ask(transport, { origin: `http://vendor.example:${vendor.port}` })).toMatchObject({ body: 'done' });
  });
});

test.each(['public', 'private'] as const)('%s calls never reach loopback; those that may do [A13]', async (reach) => {
  await using vendor = await TestVendor.saying(hello);
  const transport = open({ resolve: resolver([['127.0.0.1']]) });
  for (const host of ['vendor.example', '127.0.0.1', 'localhost', '[::ffff:7f00:1]']) {
    const { fault } = await ask(transport, { origin: `http://${host}:${vendor.port}`, reach });
    expect(fault, host).toMatchObject({ cause: 'forbidden_address', sent: false });
  }
  expect(vendor.sockets).toHaveLength(0);
  const open1 = await ask(transport, { origin: `http://vendor.example:${vendor.port}`, reach: 'loopback' });
  expect(open1).toMatchObject({ body: 'done' });
});

test('a connection that may go near is never lent to a call that may not', async () => {
  await using vendor = await TestVendor.saying(hello);
  const transport = open({ resolve: resolver([['127.0.0.1']]) });
  const origin = `http://vendor.example:${vendor.port}`;
  await ask(transport, { origin, reach: 'loopback' });
  await turns();
  expect((await ask(transport, { origin, reach: 'public' })).fault).toMatchObject({ cause: 'forbidden_address' });
});

test('a call to ourselves is refused before it is made [A34]', async () => {
  await using vendor = await TestVendor.saying(hello);
  const transport = open({ listeners: () => [{ host: '127.0.0.1', port: vendor.port }] });
  expect((await ask(transport, vendor)).fault).toMatchObject({ cause: 'forbidden_address', sent: false });
  expect(vendor.sockets).toHaveLength(0);
});
