import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { GatheredBody } from './GatheredBody.ts';

describe('a gathered body', () => {
  test('is what its pieces were one behind the other, announced or not, however it is cut', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 500 }), { maxLength: 60 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (cut, isAnnounced) => {
        const whole = Buffer.concat(cut);
        const body = new GatheredBody(isAnnounced ? whole.length : null);
        let cameBytes = 0;
        for (const piece of cut) {
          body.add(piece);
          cameBytes += piece.length;
          expect(body.bytes).toBe(cameBytes);
        }
        expect(body.take().equals(whole)).toBe(true);
        expect(body.bytes).toBe(0);
      }),
    );
  });

  test('keeps its own copy: what a piece stood in may be used again', () => {
    const body = new GatheredBody(null);
    const piece = Buffer.from('once');
    body.add(piece);
    piece.fill(0);
    expect(body.take().toString()).toBe('once');
  });

  test('sent a byte at a time opens little memory beside its own', () => {
    const opened = vi.spyOn(Buffer, 'allocUnsafe');
    const bytes = 1_000_000;
    const body = new GatheredBody(null);
    const piece = Buffer.from('x');
    for (let sent = 0; sent < bytes; sent += 1) body.add(piece);
    const openedBytes = opened.mock.calls.reduce((sum, [size]) => sum + size, 0);
    opened.mockRestore();
    expect(openedBytes).toBeGreaterThanOrEqual(bytes);
    expect(openedBytes).toBeLessThanOrEqual(bytes + 65_536);
    expect(body.take().equals(Buffer.alloc(bytes, 'x'))).toBe(true);
  });

  test('that is dropped or taken holds nothing more', () => {
    const body = new GatheredBody(3);
    body.add(Buffer.from('abc'));
    body.drop();
    expect(body.take()).toHaveLength(0);
  });
});
