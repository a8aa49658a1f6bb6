import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectivePolicy } from '../router/index.ts';
import { askedIn, choiceRules } from './choiceRules.ts';

const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,15}$/);
const demands = fc.record({
  policy: fc.constant({ ...effectivePolicy([]), usdPerSecond: 0.001 }),
  pin: fc.option(fc.record({ provider: name, model: fc.option(name) })),
  tags: fc.uniqueArray(name, { maxLength: 3 }),
});

test('what a request asked of its target is read back from the rules that it is told by', () => {
  fc.assert(
    fc.property(demands, (asked) => {
      const { pin, tags } = asked;
      expect(askedIn(choiceRules(asked, false, null, []))).toEqual({ pin, tags });
      expect(askedIn(choiceRules(asked, true, null, [])).pin, 'it gave way').toBeNull();
    }),
    { numRuns: 50 },
  );
});
