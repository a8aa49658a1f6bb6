import { expect, test } from 'vitest';
import { Chance, seedOf } from '../rigs/Chance.ts';
import { misses, openDrillWorld, runDrill, type DrillCase } from '../rigs/drills.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { removeFolder, temporaryFolder } from '../rigs/startServer.ts';

const onOpen = endAfterEach();

const vendors = ['aurora', 'borealis', 'cascade'] as const;

/** One vendor by each of its names, and the host of two. */
const kinds = (out: string): readonly string[] => [out, `lab:${out}`, `provider:${out}`];

const casesOf = (chance: Chance): readonly DrillCase[] => {
  const ofVendors = vendors.flatMap((vendor) => {
    const left = vendors.filter((other) => other !== vendor);
    return kinds(vendor).map((without): DrillCase => {
      const gusty = left[chance.below(left.length)]!;
      return { without, out: [vendor], wrong: left[chance.below(left.length)]!, gusty, gust: 'rate-limit' };
    });
  });
  const north = { out: ['aurora', 'cascade'], wrong: 'borealis', gusty: 'borealis', gust: 'slow' } as const;
  return [...ofVendors, { ...north, without: 'host:north' }];
};

test('twenty predictions are what live drills meet, and what they predict of the wrong vendor is not', async () => {
  const seed = seedOf('drills.long');
  const chance = new Chance(seed);
  const folder = temporaryFolder();
  onOpen(() => Promise.resolve(removeFolder(folder)));
  const cases = casesOf(chance);
  const world = await openDrillWorld(cases, { seed, folder, requestsEach: 100 });
  onOpen(() => world.rivals.close());
  onOpen(() => removeServer(world.server));
  const all = [...cases, ...cases];
  expect(all).toHaveLength(20);
  for (const one of all) {
    const { live, liveSeed, apart, control } = await runDrill(world, one, chance.below(1e6));
    keepResult('drills', seed, { without: one.without, liveSeed, apart, control, servedShare: live.servedShare });
    expect(misses(apart, 2), one.without).toBe(false);
    expect(misses(control, 2), one.wrong).toBe(true);
  }
});
