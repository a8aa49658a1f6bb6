import { afterAll, beforeAll, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { lackForPowerLoss } from '../rigs/PowerLossDisk.ts';
import { powerLosses, type LossFigures } from '../rigs/powerLosses.ts';
import { openRivals, type Rivals } from '../rigs/rivals.ts';

const lack = lackForPowerLoss();
if (lack !== null) process.stderr.write(`skipped: ${lack}\n`);

const seed = seedOf('powerLoss.long');
const images = Number(process.env['ARCHIPEL_IMAGES'] ?? 200);
const ofServer = Math.round(images * 0.2);
const ofSpool = Math.round(images * 0.3);
let rivals: Rivals;

beforeAll(async () => {
  rivals = await openRivals({ seed });
});
afterAll(() => rivals.close());

const withLoss = (figures: readonly LossFigures[]): number =>
  figures.reduce((total, { imagesWithLoss }) => total + imagesWithLoss, 0) /
  figures.reduce((total, one) => total + one.images, 0);

test.skipIf(lack !== null)(
  'two hundred power losses lose nothing that was acknowledged; without syncs nearly each does [G2]',
  async () => {
    const startedMs = performance.now();
    const plan = { rivals, seed, ofServer, byProgram: Math.round(ofServer / 4), ofSpool };
    const figures = await powerLosses(plan, true);
    const control = await powerLosses(plan, false);
    const minutes = (performance.now() - startedMs) / 60_000;
    keepResult('power-loss', seed, { figures, control, controlWithLoss: withLoss(control), minutes });
    for (const { lost, doubled, faults } of figures) {
      expect({ lost, doubled, faults }).toEqual({ lost: 0, doubled: 0, faults: [] });
    }
    expect(withLoss(control)).toBeGreaterThanOrEqual(0.95);
  },
);
