import { describe, expect, test } from 'vitest';
import { pinAddresses } from './pinAddresses.ts';
import { reachOf, type Reach } from './Reach.ts';

const pin = (
  addresses: readonly string[],
  reach: Reach,
  {
    host = 'vendor.example',
    listeners = [],
  }: { host?: string; listeners?: readonly { host: string; port: number }[] } = {},
) =>
  pinAddresses({ host, port: 443, reach }, { resolve: () => Promise.resolve(addresses), listeners: () => listeners });

const never = [
  '169.254.169.254',
  'fe80::1%eth0',
  '0.0.0.0',
  '::',
  '224.0.0.1',
  'ff02::1',
  '255.255.255.255',
  'fd00:ec2::254',
];
const loopback = [
  '127.0.0.1',
  '127.255.0.9',
  '::1',
  '::ffff:127.0.0.1',
  '64:ff9b::127.0.0.1',
  '2002:7f00:1::',
  '::127.0.0.1',
];
const priv = ['10.0.0.1', '192.168.0.1', '172.16.0.1', '100.64.0.1', 'fd12::1', '::ffff:10.0.0.1'];
const far = ['8.8.8.8', '2a00:1450:4007::1', '::ffff:8.8.8.8'];

describe('where a name may lead [A13] [A14]', () => {
  test.each([
    ['public', far, [...priv, ...loopback, ...never]],
    ['private', [...far, ...priv], [...loopback, ...never]],
    ['loopback', [...far, ...priv, ...loopback], never],
  ] as const)('%s', async (reach, allowed, refused) => {
    for (const address of allowed) expect(await pin([address], reach), address).toEqual({ ok: true, value: [address] });
    for (const address of refused) {
      const pinned = await pin([address], reach);
      expect(pinned, address).toMatchObject({ ok: false, fault: { cause: 'forbidden_address', sent: false } });
    }
  });

  test('of several addresses only those within reach are left', async () => {
    expect(await pin(['127.0.0.1', '8.8.8.8', '10.0.0.1', '1.1.1.1'], 'public')).toEqual({
      ok: true,
      value: ['8.8.8.8', '1.1.1.1'],
    });
  });

  test('an address is what it is, whatever the name before it', async () => {
    expect(await pin([], 'public', { host: '127.0.0.1' })).toMatchObject({ ok: false });
    expect(await pin([], 'loopback', { host: '127.0.0.1' })).toEqual({ ok: true, value: ['127.0.0.1'] });
    expect(await pin([], 'loopback', { host: '169.254.169.254' })).toMatchObject({ ok: false });
  });

  test('the message names the address, for the operator', async () => {
    expect(await pin(['127.0.0.1'], 'public')).toMatchObject({
      fault: { message: 'vendor.example leads to 127.0.0.1 (loopback), and its provider may reach public addresses' },
    });
  });
});

test('families come in turn, the resolver’s first one first, and no more than are worth trying', async () => {
  const many = ['2a00::1', '2a00::2', '2a00::3', '8.8.8.1', '8.8.8.2', '2a00::4', '2a00::5', '2a00::6', '2a00::7'];
  const pinned = await pin(many, 'public');
  expect(pinned).toEqual({
    ok: true,
    value: ['2a00::1', '8.8.8.1', '2a00::2', '8.8.8.2', '2a00::3', '2a00::4', '2a00::5', '2a00::6'],
  });
});

test('a name without addresses, or without a resolver, is not found', async () => {
  expect(await pin([], 'public')).toMatchObject({ fault: { cause: 'name_not_found', sent: false } });
  const error = Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
  const pinned = await pinAddresses(
    { host: 'vendor.example', port: 443, reach: 'public' },
    { resolve: () => Promise.reject(error), listeners: () => [] },
  );
  expect(pinned).toMatchObject({ fault: { cause: 'name_not_found', sent: false } });
});

describe('where this program listens itself [A34]', () => {
  const here = { listeners: [{ host: '127.0.0.1', port: 443 }] };
  const everywhere = { listeners: [{ host: '0.0.0.0', port: 443 }] };

  test('is no vendor, however its address is written', async () => {
    for (const address of ['127.0.0.1', '::ffff:127.0.0.1']) {
      expect(await pin([address], 'loopback', here)).toMatchObject({ fault: { cause: 'forbidden_address' } });
    }
    expect(await pin(['127.0.0.2'], 'loopback', everywhere)).toMatchObject({ fault: { cause: 'forbidden_address' } });
  });

  test('another address or port is somebody else', async () => {
    expect(await pin(['127.0.0.2'], 'loopback', here)).toMatchObject({ ok: true });
    expect(await pin(['8.8.8.8'], 'loopback', everywhere)).toMatchObject({ ok: true });
    const elsewhere = { listeners: [{ host: '127.0.0.1', port: 80 }] };
    expect(await pin(['127.0.0.1'], 'loopback', elsewhere)).toMatchObject({ ok: true });
  });
});

test.each([
  ['api.vendor.example', 'public'],
  ['127.0.0.1.vendor.example', 'public'],
  ['8.8.8.8', 'public'],
  ['169.254.169.254', 'public'],
  ['0.0.0.0', 'public'],
  ['10.0.0.5', 'private'],
  ['[fd12::1]', 'private'],
  ['vllm', 'private'],
  ['models.internal', 'private'],
  ['127.0.0.1', 'loopback'],
  ['0x7f.1', 'loopback'],
  ['[::1]', 'loopback'],
  ['[::ffff:7f00:1]', 'loopback'],
  ['localhost', 'loopback'],
  ['LOCALHOST.', 'loopback'],
] as const)('a URL that names %s itself reaches %s addresses', (host, reach) => {
  expect(reachOf(host)).toBe(reach);
});
