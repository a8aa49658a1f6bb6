import { expect, test } from 'vitest';
import { seedOf } from '../../test/rigs/Chance.ts';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { keepResult } from '../../test/rigs/keepResult.ts';
import { openAndSpend } from './openAndSpend.ts';
import { plain } from './spendBudgets.ts';

const seed = seedOf('budgets.long');
/** Budgets of ten dollars, each spent in its own way: some hundred thousand answers. */
const seeds = Number(process.env['ARCHIPEL_BUDGETS'] ?? 1);
const usd = '10';
const settings = {
  replicas: 4,
  streams: 250,
  // Whoever serves, the worst cases of a thousand streams are a twentieth of the cap: those of a rival that is ten times as dear would be the cap.
  model: 'small-anywhere',
  happenings: 12,
  stillMs: [6_000, 12_000],
  deadMsMax: 5_000,
} as const;
const leaseMs = 5_000;
const msMax = 2_400_000;
/** Of what is asked while there is room. */
const falseShareMax = 0.01;

const onEnd = endAfterEach();
const onOpen = (end: () => Promise<void>): void => onEnd(end);

test('ten dollars, a thousand streams: never spent beyond, whatever dies, and hardly anybody blocked too early [G4]', async () => {
  const { faults, ...told } = await openAndSpend({
    seed,
    budgets: seeds,
    usd,
    settings,
    msMax,
    databases: 'shared',
    leaseMs,
    onOpen,
  });
  keepResult('budgets', seed, plain({ settings, usd, ...told }));
  expect(faults).toEqual([]);
  const sum = (of: (one: (typeof told.figures)[number]) => number): number =>
    told.figures.reduce((total, one) => total + of(one), 0);
  expect(sum(({ falselyBlocked }) => falselyBlocked) / sum(({ askedWithRoom }) => askedWithRoom)).toBeLessThan(
    falseShareMax,
  );
});
