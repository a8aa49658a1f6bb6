import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { hopName, Hops } from './Hops.ts';

const nameOf = (byte: number): string => hopName(new Uint8Array(8).fill(byte));
const own = nameOf(1);
const hops = new Hops(own);

describe('the gateways that a request has come through', () => {
  test('are told to the next hop by this one, whoever sent it', () => {
    expect(hops.onwards(undefined)).toBe('1.1 archipel-0101010101010101');
  });

  test('are told with those of our kind that came before, and without the proxies between them', () => {
    const via = `1.1 squid.corp.example (squid/6), HTTP/1.1 ${nameOf(2)},1.0 nginx , 2.0 ${nameOf(3)} (a comment)`;
    expect(hops.onwards(via)).toBe(`1.1 ${nameOf(2)}, 1.1 ${nameOf(3)}, 1.1 ${own}`);
  });

  test.each([`1.1 ${own}`, `1.1 ${nameOf(2)}, 1.1 ${own}`, `1.0 a,1.1 ${own} (c), 1.1 b`])(
    'end where this one is among them: %s [A34]',
    (via) => {
      expect(hops.onwards(via)).toBeNull();
    },
  );

  test('end after eight: a round of gateways that forget each other is one, too [A34]', () => {
    const through = (count: number): string =>
      Array.from({ length: count }, (_, at) => `1.1 ${nameOf(at + 2)}`).join(', ');
    expect(hops.onwards(through(7))).not.toBeNull();
    expect(hops.onwards(through(8))).toBeNull();
  });

  test('are never told in more than names of our form, whatever was sent [A30]', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string(), fc.constantFrom(own, nameOf(2), ',', ' ', '\r\n'))), (words) => {
        const told = hops.onwards(words.join(' '));
        expect(told ?? `1.1 ${own}`).toMatch(/^(?:1\.1 archipel-[0-9a-f]{16}(?:, |$))+$/);
      }),
    );
  });
});
