import { isIP, isIPv4 } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readAddress } from './readAddress.ts';

const hex = (text: string): string | null => {
  const bytes = readAddress(text);
  return bytes === null ? null : Buffer.from(bytes).toString('hex');
};

test.each([
  ['127.0.0.1', '7f000001'],
  ['::', '00000000000000000000000000000000'],
  ['::1', '00000000000000000000000000000001'],
  ['fe80::1%eth0', 'fe800000000000000000000000000001'],
  ['::ffff:127.0.0.1', '00000000000000000000ffff7f000001'],
  ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
  ['1::8', '00010000000000000000000000000008'],
  ['2001:DB8::', '20010db8000000000000000000000000'],
])('%s is %s', (text, bytes) => {
  expect(hex(text)).toBe(bytes);
});

test.each([
  '',
  'localhost',
  '127.1',
  '0127.0.0.1',
  '1.2.3.256',
  '1.2.3.4.5',
  ':',
  ':::',
  '1:2:3:4:5:6:7',
  '1:2:3:4:5:6:7:8:9',
  '1::2::3',
  '::1.2.3',
  '::12345',
  '[::1]',
])('%j is no address', (text) => {
  expect(hex(text)).toBeNull();
});

const byte = fc.nat(255);

test('every IPv4 address is read as its four numbers', () => {
  fc.assert(
    fc.property(fc.tuple(byte, byte, byte, byte), (bytes) => {
      expect([...(readAddress(bytes.join('.')) ?? [])]).toEqual(bytes);
    }),
  );
});

test('every IPv6 address is read the same in each of its spellings [A13] [G13]', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(0, 0, 1, 0xff, 0x7f00, 0xffff), { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups.map((group) => group.toString(16)).join(':');
      const [, short = ''] = /^http:\/\/\[(.*)\]\/$/.exec(new URL(`http://[${long}]/`).href) ?? [];
      const [, , , , , , seventh = 0, eighth = 0] = groups;
      const dotted = `${long.split(':').slice(0, 6).join(':')}:${[seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join('.')}`;
      const bytes = Buffer.from(groups.map((group) => group.toString(16).padStart(4, '0')).join(''), 'hex').toString(
        'hex',
      );
      expect([hex(long), hex(short), hex(dotted)]).toEqual([bytes, bytes, bytes]);
    }),
  );
});

test('what it takes for an address the system takes for one as well, and the other way round', () => {
  const letters = fc.array(fc.constantFrom(...'0125.:af'.split('')), { maxLength: 20 }).map((all) => all.join(''));
  fc.assert(
    fc.property(fc.oneof(letters, fc.ipV4(), fc.ipV6()), (text) => {
      expect(readAddress(text)?.length ?? 0).toBe(isIP(text) === 0 ? 0 : isIPv4(text) ? 4 : 16);
    }),
    { numRuns: 2_000 },
  );
});
