import { expect, test } from 'vitest';
import { seedOf } from '../../test/rigs/Chance.ts';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { keepResult } from '../../test/rigs/keepResult.ts';
import { openFleet } from '../../test/rigs/openFleet.ts';
import { plain, spendBudgets } from './spendBudgets.ts';

const seed = seedOf('budgets.long');
/** Budgets of ten dollars, each spent in its own way. */
const seeds = Number(process.env['ARCHIPEL_BUDGETS'] ?? 5);
const usd = '10';
const settings = {
  replicas: 1,
  streams: 1_000,
  happenings: 12,
  afterMsMax: 5_000,
  stillMs: [2_500, 8_000],
  deadMsMax: 5_000,
} as const;
const msMax = 600_000;
/** Of what is asked while there is room. */
const falseShareMax = 0.01;

const onEnd = endAfterEach();
const onOpen = (end: () => Promise<void>): void => onEnd(end);

test('ten dollars, a thousand streams: never spent beyond, whatever dies, and hardly anybody blocked too early [G4]', async () => {
  const budgetsUsd = Array.from({ length: seeds }, () => usd);
  const fleet = await openFleet({ seed, replicas: settings.replicas, budgetsUsd, databases: 'shared', onOpen });
  const { figures, books, faults } = await spendBudgets(fleet, { seed, settings, msMax });
  keepResult('budgets', seed, plain({ settings, usd, figures, books }));
  expect(faults).toEqual([]);
  const sum = (of: (one: (typeof figures)[number]) => number): number =>
    figures.reduce((total, one) => total + of(one), 0);
  expect(sum(({ falselyBlocked }) => falselyBlocked) / sum(({ askedWithRoom }) => askedWithRoom)).toBeLessThan(
    falseShareMax,
  );
});
