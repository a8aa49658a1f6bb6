import { setTimeout as pause } from 'node:timers/promises';
import { Chance } from './Chance.ts';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import { needsPeople, outages } from './outage.ts';
import type { Rivals } from './rivals.ts';
import type { Server } from './startServer.ts';

export interface WeatherOptions {
  readonly server: Server;
  readonly rivals: Rivals;
  readonly vendor: string;
  readonly model: string;
  readonly concurrency: number;
  readonly seed: number;
  readonly seconds: number;
}

/** Faults that pass by themselves, so that they can come and go. */
const passing = outages.filter((fault) => !needsPeople.has(fault));

/** Clients of both wires while one vendor's fault changes each half second or so, for a part of its calls: what a bad day is like. */
export const weather = async (options: WeatherOptions): Promise<readonly Outcome[]> => {
  const { server, rivals, vendor, model, concurrency, seed, seconds } = options;
  const chance = new Chance(seed);
  const until = AbortSignal.timeout(seconds * 1_000);
  const loading = loadBoth(server, { model, concurrency, seed, sdkShare: 0.1, until, name: 'weather' });
  while (!until.aborted) {
    await rivals.setFault(vendor, passing[chance.below(passing.length)]!, { share: 0.02 + chance.next() * 0.3 });
    await pause(200 + chance.below(600));
  }
  return loading;
};
