import { afterAll, assert, beforeAll, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { lackForPowerLoss } from '../rigs/PowerLossDisk.ts';
import { powerLosses } from '../rigs/powerLosses.ts';
import { openRivals, type Rivals } from '../rigs/rivals.ts';

const lack = lackForPowerLoss();
const isMissing = lack !== null && process.env['CI'] === undefined;
if (isMissing) process.stderr.write(`skipped: ${lack}\n`);

const seed = seedOf('powerLoss.ci');
let rivals: Rivals;

beforeAll(async () => {
  rivals = await openRivals({ seed });
});
afterAll(() => rivals.close());

test.skipIf(isMissing)(
  'a power loss at any of twenty moments loses nothing that was acknowledged, and doubles nothing [G2]',
  async () => {
    assert(lack === null, lack ?? '');
    const figures = await powerLosses({ rivals, seed, ofServer: 4, byProgram: 1, ofSpool: 6 }, true);
    process.stderr.write(`${JSON.stringify(figures)}\n`);
    expect(figures.reduce((total, { images }) => total + images, 0)).toBe(20);
    for (const { promised, lost, doubled, faults } of figures) {
      expect({ lost, doubled, faults }).toEqual({ lost: 0, doubled: 0, faults: [] });
      expect(promised).toBeGreaterThan(0);
    }
  },
);

test.skipIf(isMissing)('control: where syncs do nothing, power losses do lose what was acknowledged', async () => {
  assert(lack === null, lack ?? '');
  const figures = await powerLosses({ rivals, seed, ofServer: 0, byProgram: 0, ofSpool: 10 }, false);
  for (const { images, imagesWithLoss } of figures) expect(imagesWithLoss / images).toBeGreaterThanOrEqual(0.95);
});
