import { expect, test } from 'vitest';
import { seedOf } from '../../test/rigs/Chance.ts';
import { endAfterEach } from '../../test/rigs/endAfterEach.ts';
import { openAndSpend } from './openAndSpend.ts';

const seed = seedOf('budgets.ci');
const seeds = 20;
const leaseMs = 1_000;
const usd = '0.02';
const settings = {
  replicas: 2,
  streams: 50,
  model: 'aurora-across',
  happenings: 1,
  stillMs: [1_500, 2_500],
  deadMsMax: 300,
} as const;
const msMax = 60_000;

const onEnd = endAfterEach();
const onOpen = (end: () => Promise<void>): void => onEnd(end);
const opened = { seed, usd, msMax, onOpen } as const;

test('a budget is never spent beyond its cap, however replicas die and stand still, and the books are right afterwards [G4]', async () => {
  const { figures, faults } = await openAndSpend({ ...opened, budgets: seeds, settings, databases: 'shared', leaseMs });
  expect(faults).toEqual([]);
  for (const { served } of figures) expect(served).toBeGreaterThan(0);
}, 480_000);

test('control: two replicas that do not know each other spend a budget twice, and the same judge says so', async () => {
  const undisturbed = { ...settings, happenings: 0 };
  const { figures } = await openAndSpend({ ...opened, budgets: 1, settings: undisturbed, databases: 'own' });
  expect(figures.map(({ faults }) => faults)).toEqual([[expect.stringContaining('beyond the cap')]]);
});
