import { beforeAll, describe, expect, test } from 'vitest';
import { seedOf } from '../rigs/Chance.ts';
import { runOverload, type OverloadFigures } from '../rigs/overload/runOverload.ts';

// How fast this machine is changes within seconds: ratios of steps that follow one another are judged by the long form, on a machine with nothing else to do.
// Here stands what holds at any speed.
const seed = seedOf('overload.ci');

let figures: OverloadFigures;

beforeAll(async () => {
  figures = await runOverload({ peakS: 3, stepS: 3, settleS: 2 }, seed);
  process.stderr.write(`${JSON.stringify(figures)}\n`);
});

describe('a server with more to do than it can', () => {
  test('fails nobody whom it lets in, and goes on answering in time [G8]', () => {
    expect(figures.failed, figures.faults.join('\n')).toBe(0);
    expect(figures.goodput2).toBeGreaterThan(0);
  });

  test('turns some away because of the protection: one without it lets all in, and leaves them waiting', () => {
    expect(figures.unprotectedShed).toBe(0);
    expect(figures.unprotectedLate).toBeGreaterThan(0);
  });

  test('tells those whom it turns away when to come back [G8]', () => {
    expect(figures.shed2).toBeGreaterThan(0);
    expect(figures.retryAfterSMin).toBeGreaterThanOrEqual(1);
    expect(figures.retryAfterSMax).toBeLessThanOrEqual(61);
  });

  test('serves those who ask for no more than before while one asks for a hundred times as much [G9]', () => {
    expect(figures.othersServed).toBeGreaterThan(0.4);
    expect(figures.othersServedMin).toBeGreaterThan(0);
    expect(figures.hogServed).toBeGreaterThan(0);
    expect(figures.hogServed).toBeLessThan(figures.othersServed);
  });
});
