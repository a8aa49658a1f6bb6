import { expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { misses, openDrillWorld, runDrill, type DrillCase } from '../rigs/drills.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { removeFolder, temporaryFolder } from '../rigs/startServer.ts';

const onOpen = endAfterEach();

const cases: readonly DrillCase[] = [
  { without: 'aurora', out: ['aurora'], wrong: 'cascade', gusty: 'cascade', gust: 'rate-limit' },
  { without: 'lab:borealis', out: ['borealis'], wrong: 'aurora', gusty: 'aurora', gust: 'rate-limit' },
  { without: 'host:north', out: ['aurora', 'cascade'], wrong: 'borealis', gusty: 'borealis', gust: 'slow' },
];

test('what a replay predicts is what a live drill meets, and what it predicts of the wrong vendor is not', async () => {
  const seed = seedOf('drills.ci');
  const folder = temporaryFolder();
  onOpen(() => Promise.resolve(removeFolder(folder)));
  const world = await openDrillWorld(cases, { seed, folder, requestsEach: 20 });
  onOpen(() => world.rivals.close());
  onOpen(() => removeServer(world.server));
  for (const one of cases) {
    const { live, predicted, liveSeed, apart, control } = await runDrill(world, one, seed);
    const figures = { without: one.without, liveSeed, apart, control, served: live.servedShare, faults: live.faults };
    process.stderr.write(`${JSON.stringify(figures)}\n`);
    expect([predicted.requests, live.requests, live.state]).toEqual([50, 50, 'stopped']);
    expect(live.faults).toBeGreaterThan(0);
    expect(misses(apart, 2), one.without).toBe(false);
    expect(misses(control, 2), one.wrong).toBe(true);
  }
});
