import { describe, expect, test } from 'vitest';
import { outlookFaults, sourceFactors, steadyPrices, type Outlook } from './Outlook.ts';
import { familyOutlook } from './familyOutlook.fixture.ts';
import { certainClass, certainOutlook } from './testOutlook.fixture.ts';

const burst = { probability: 0.1, factor: 2, quietFactor: 1, months: 1 };
const noise = { startSpread: 0, persistence: 0, monthSpread: 0 };
const change = {
  from: 0,
  to: 1,
  probability: 0.5,
  fromMonth: 0,
  untilMonth: 24,
  shareMin: 0,
  shareMax: 1,
  unitFactor: 1,
};
const twoClasses = [certainClass('one'), certainClass('two')];

/** Each row is wrong in one place. */
const wrong: readonly (readonly [string, Partial<Outlook>])[] = [
  ['months', { months: 0 }],
  ['months', { months: 241 }],
  ['monthsPerPeriod', { monthsPerPeriod: 0 }],
  ['regimes', { regimes: [] }],
  ['regimes', { regimes: [{ name: 'x', probability: 0.9, logGrowth: 0 }] }],
  [
    'regimes.0.probability',
    {
      regimes: [
        { name: 'x', probability: -1e-7, logGrowth: 0 },
        { name: 'y', probability: 1, logGrowth: 0 },
      ],
    },
  ],
  ['pricePaths', { pricePaths: [] }],
  ['pricePaths.0.factors', { pricePaths: [steadyPrices(2, 2)] }],
  ['pricePaths.0.factors', { pricePaths: [steadyPrices(1, 3)] }],
  ['pricePaths.0.factors', { pricePaths: [{ name: 'x', probability: 1, factors: [[1, 0]] }] }],
  ['classes.0.level', { classes: [certainClass('x', { level: -1 })] }],
  ['classes.0.level', { classes: [certainClass('x', { level: Number.NaN })] }],
  ['classes.0.path', { classes: [certainClass('x', { path: [1] })] }],
  ['classes.0.unitCost', { classes: [certainClass('x', { unitCost: -1 })] }],
  ['classes.0.logGrowth', { classes: [certainClass('x', { logGrowth: Infinity })] }],
  ['classes.0.growthSpread', { classes: [certainClass('x', { growthSpread: -0.1 })] }],
  ['classes.0.noise.startSpread', { classes: [certainClass('x', { noise: { ...noise, startSpread: -1 } })] }],
  ['classes.0.noise.monthSpread', { classes: [certainClass('x', { noise: { ...noise, monthSpread: -1 } })] }],
  ['classes.0.noise.persistence', { classes: [certainClass('x', { noise: { ...noise, persistence: 1.1 } })] }],
  ['classes.0.season', { classes: [certainClass('x', { season: [1, 1] })] }],
  ['classes.0.burst.probability', { classes: [certainClass('x', { burst: { ...burst, probability: 2 } })] }],
  ['classes.0.burst.factor', { classes: [certainClass('x', { burst: { ...burst, factor: -2 } })] }],
  ['classes.0.burst.quietFactor', { classes: [certainClass('x', { burst: { ...burst, quietFactor: -2 } })] }],
  ['classes.0.burst.months', { classes: [certainClass('x', { burst: { ...burst, months: 0 } })] }],
  ['switches.0.to', { switches: [change] }],
  ['switches.0.to', { classes: twoClasses, switches: [{ ...change, to: 0 }] }],
  ['switches.0.probability', { classes: twoClasses, switches: [{ ...change, probability: 1.5 }] }],
  ['switches.0.shareMin', { classes: twoClasses, switches: [{ ...change, shareMin: 0.6, shareMax: 0.5 }] }],
  ['switches.0.unitFactor', { classes: twoClasses, switches: [{ ...change, unitFactor: 0 }] }],
  ['switches.0.fromMonth', { classes: twoClasses, switches: [{ ...change, untilMonth: 25 }] }],
  ['switches.0.fromMonth', { classes: twoClasses, switches: [{ ...change, fromMonth: 0.5 }] }],
];

describe('outlookFaults', () => {
  test('finds nothing in an outlook that can be', () => {
    expect(outlookFaults(familyOutlook)).toEqual([]);
    expect(outlookFaults(certainOutlook({ classes: twoClasses, switches: [change] }))).toEqual([]);
  });

  test.each(wrong)('finds what is wrong at %s (%#)', (place, changes) => {
    expect(outlookFaults(certainOutlook(changes)).map(({ path }) => path.join('.'))).toEqual([place]);
  });
});

describe('sourceFactors', () => {
  test('gives each source the factors of its vendor', () => {
    const path = {
      name: 'falling',
      probability: 1,
      factors: [
        [1, 0.9],
        [0.8, 0.6],
      ],
    };
    expect(sourceFactors(path, [1, 0, 1])).toEqual([
      [0.8, 0.6],
      [1, 0.9],
      [0.8, 0.6],
    ]);
    expect(() => sourceFactors(path, [2])).toThrow(/no vendor 2/);
  });
});
