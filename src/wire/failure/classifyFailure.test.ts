import fc from 'fast-check';
import { expect, it } from 'vitest';

import { wires } from '../matchRoute.ts';
import { utf8Bytes } from '../utf8.ts';
import { vendorWords } from './classifyFailure.ts';

const nowMs = Date.UTC(2026, 10, 26, 12, 0, 0);

/** Members that errors of vendors have, with any value, at any depth. */
const errorMembers = fc.constantFrom(
  'error',
  'message',
  'type',
  'code',
  'param',
  'detail',
  'details',
  'status',
  'metadata',
  'loc',
);
const { error: anyError } = fc.letrec((tie) => ({
  error: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.jsonValue({ maxDepth: 1 }),
    fc.string({ unit: 'binary' }),
    fc.dictionary(errorMembers, tie('error'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('error'), { maxLength: 2 }),
  ),
}));
const body = fc.oneof(
  anyError.map((value) => utf8Bytes(JSON.stringify(value))),
  fc.uint8Array({ maxLength: 100 }),
);
const headers = fc.dictionary(
  fc.constantFrom(
    'retry-after',
    'retry-after-ms',
    'x-should-retry',
    'x-ratelimit-remaining-requests',
    'x-ratelimit-reset-requests',
  ),
  fc.oneof(
    fc.string({ unit: fc.constantFrom('0', '9', '.', '-', 's', 'm', 'h', ' ') }),
    fc.constantFrom('Thu, 26 Nov 2026 12:00:07 GMT', '2026-11-26T12:00:07Z'),
  ),
);

it('makes of every refusal a short failure that can be logged, and never a wait that is no wait', () => {
  fc.assert(
    fc.property(fc.integer({ min: 100, max: 999 }), headers, body, (status, sent, bytes) => {
      for (const wire of wires.values()) {
        const { message = '', retryAfterMs = 0, cause } = wire.classify({ status, headers: sent, body: bytes }, nowMs);
        expect(cause).toMatch(/^[a-z_]+$/);
        expect(message.length).toBeLessThanOrEqual(500);
        // oxlint-disable-next-line no-control-regex -- what must not reach a log.
        expect(message).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
        expect(Number.isSafeInteger(retryAfterMs) && retryAfterMs >= 0).toBe(true);
      }
    }),
    { numRuns: 200 },
  );
});

it("leaves words without a vendor's way of writing keys alone, and keys out", () => {
  expect(vendorWords('Incorrect API key provided: sk-proj-abc**********xyz.')).toBe(
    'Incorrect API key provided: [redacted]',
  );
  expect(vendorWords('a\r\n\u001b[31mred')).toBe('a [31mred');
});
