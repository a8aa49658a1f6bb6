// `node bench/regret/storeBounds.ts`: writes test/fixtures/regret/bounds.json, the certified bounds of the months that CI looks at.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadHighs } from '../../src/planner/linear/linearProgram.fixture.ts';
import { reference } from './policies/reference/referenceContenders.ts';
import { RegretCase } from './RegretCase.ts';
import { simulate } from './simulation/simulate.ts';
import { smallMonths, type StoredBound } from './smallMonths.ts';

const highs = await loadHighs();
const bounds = smallMonths.flatMap(({ trace, seeds, ...options }) => {
  const regretCase = new RegretCase(highs, trace, options);
  return seeds.map((seed): StoredBound => {
    const { month, bound } = regretCase.month(seed);
    return {
      trace,
      floorScale: options.floorScale,
      seed,
      boundUsd: bound.boundUsd,
      gap: bound.gap,
      shortfallUsd: bound.shortfallUsd,
      referenceUsd: simulate(regretCase.world, month, reference, seed).costUsd,
    };
  });
});
writeFileSync(
  join(import.meta.dirname, '../../test/fixtures/regret/bounds.json'),
  `${JSON.stringify(bounds, null, 2)}\n`,
);
