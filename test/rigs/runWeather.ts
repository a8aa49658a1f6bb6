import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { Chance } from './Chance.ts';
import { judgeWeather, type WeatherVerdict } from './judgeWeather.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import type { BillLine, Rivals } from './rivals.ts';
import type { Server } from './startServer.ts';
import { deaths, drawStorms, type Climate, type Storm } from './storms.ts';

export interface WeatherOptions extends Pick<Climate, 'lastsMs' | 'deathMs' | 'calmMs' | 'rounds'> {
  readonly server: Pick<Server, 'url'>;
  readonly rivals: Rivals;
  readonly perSecond: number;
  readonly seed: number;
}

/** What reached a vendor that answers nothing any more, once it should be known. */
export interface Detection {
  readonly storm: Storm;
  /** Calls in the first second and a little. */
  readonly callsBefore: number;
  /** Calls from then to the end of the storm. */
  readonly callsAfter: number;
  readonly secondsAfter: number;
}

export interface Weather {
  readonly outcomes: readonly Outcome[];
  readonly bills: readonly BillLine[];
  /** That reached the vendors, as they count them. */
  readonly calls: number;
  readonly storms: readonly Storm[];
  readonly detections: readonly Detection[];
  readonly verdict: WeatherVerdict;
}

/** A vendor that is dead is known after a second at most; what was on its way by then may take a moment to arrive. */
const detectionMs = 1_200;

const callsOf = async (rivals: Rivals, vendor: string): Promise<number> => (await rivals.read(vendor)).requests;

/** Calls that reached the vendors, as they count them. */
export const callsOfAll = async (rivals: Rivals): Promise<number> => {
  const counts = await Promise.all(rivals.sandbox.vendors.map(({ name }) => callsOf(rivals, name)));
  return counts.reduce((sum, count) => sum + count, 0);
};

const runStorm = async (rivals: Rivals, storm: Storm): Promise<Detection | null> => {
  const { vendor, fault, details, calmMs, lastsMs } = storm;
  await pause(calmMs);
  await rivals.setFault(vendor, fault, details);
  const begun = await callsOf(rivals, vendor);
  await pause(Math.min(lastsMs, detectionMs));
  const known = await callsOf(rivals, vendor);
  await pause(Math.max(0, lastsMs - detectionMs));
  const ended = await callsOf(rivals, vendor);
  await rivals.setFault(vendor, 'none');
  if (!deaths.has(fault)) return null;
  const secondsAfter = (lastsMs - detectionMs) / 1_000;
  return { storm, callsBefore: known - begun, callsAfter: ended - known, secondsAfter };
};

/** Clients of both wires, half of them streaming, ask for three models, each of which is cheapest at another vendor, while one vendor after the other is in trouble. */
export const runWeather = async (options: WeatherOptions): Promise<Weather> => {
  const { server, rivals, perSecond, seed } = options;
  const vendors = rivals.sandbox.vendors.map(({ name }) => name);
  const storms = drawStorms(new Chance(seed), { ...options, vendors });
  const over = new AbortController();
  const callsBefore = await callsOfAll(rivals);
  const loads = vendors.map((vendor) =>
    loadBoth(server, {
      model: `${vendor}-anywhere`,
      concurrency: perSecond,
      perSecond: perSecond / vendors.length,
      seed,
      until: over.signal,
      name: `weather ${vendor}`,
      bounds: [8, 16, 32],
    }),
  );
  const detections: Detection[] = [];
  for (const storm of storms) {
    const detection = await runStorm(rivals, storm);
    if (detection !== null) detections.push(detection);
  }
  over.abort();
  const outcomes = (await Promise.all(loads)).flat();
  const bills = vendors.flatMap((vendor) => rivals.bill(vendor));
  const calls = (await callsOfAll(rivals)) - callsBefore;
  return { outcomes, bills, calls, storms, detections, verdict: judgeWeather(outcomes, bills, calls) };
};

/** Most calls that look whether a dead vendor is back: of each of its two models, after one second, two, four and so on, and some that were on their way. */
const looksMax = ({ secondsAfter }: Detection): number => 4 + 2 * Math.ceil(Math.log2(2 + secondsAfter));

const extraShareMax = 0.1;

/** More than that, and the machine is too busy to say anything. */
const shedShareMax = 0.1;

/** Rows T2 and T3, and that a dead vendor is left alone. */
export const expectFairWeather = ({ outcomes, verdict, detections }: Weather): void => {
  const wrong = outcomes.filter(({ fault, began }) => fault !== null && began !== true);
  const faults = wrong.map(({ fault, target, attempts }) => `${target} after ${attempts}: ${fault}`).slice(0, 5);
  expect(verdict.errorsBeforeContent, faults.join('\n')).toBe(0);
  expect(verdict.silentTruncations, faults.join('\n')).toBe(0);
  expect(verdict.shed / verdict.requests, 'requests that were shed').toBeLessThanOrEqual(shedShareMax);
  expect(verdict.toldBreaks, 'streams that were cut after their first content').toBeGreaterThan(0);
  expect(verdict.extraCalls / verdict.requests).toBeLessThanOrEqual(extraShareMax);
  expect(detections.length).toBeGreaterThan(0);
  expect(detections.filter((one) => one.callsAfter > looksMax(one))).toEqual([]);
};

/** The judge sees what is planted: a refusal, cut answers that end as if they were whole, and calls that nobody asked for. */
export const expectJudged = ({ outcomes, bills, calls, verdict }: Weather): void => {
  const sold = bills.filter(({ complete }) => !complete).map(({ tokens }) => tokens['output'] ?? 0);
  const cut = (outcome: Outcome): Outcome =>
    outcome.began === true ? { ...outcome, fault: null, tokens: sold.pop() ?? 0 } : outcome;
  const refused = { ...outcomes[0]!, status: 502, errorCode: 'all_targets_failed', fault: 'status 502' };
  const seen = judgeWeather([refused, ...outcomes.slice(1).map(cut)], bills, calls + outcomes.length);
  expect(seen.errorsBeforeContent).toBe(1);
  expect(seen.silentTruncations).toBeGreaterThanOrEqual(verdict.toldBreaks / 2);
  expect(seen.extraCalls).toBeGreaterThan(outcomes.length * extraShareMax);
};
