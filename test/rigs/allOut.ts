import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { Outcome } from './load.ts';
import { loadBoth } from './loadBoth.ts';
import { clientKey, type Rivals } from './rivals.ts';
import { callsOfAll } from './runWeather.ts';
import type { Server } from './startServer.ts';

export interface AllOutOptions {
  readonly server: Pick<Server, 'url'>;
  readonly rivals: Rivals;
  readonly perSecond: number;
  readonly seconds: number;
  readonly seed: number;
}

export interface AllOut {
  readonly outcomes: readonly Outcome[];
  /** Calls that reached the vendors while all were out, for each request of that time. */
  readonly callsARequest: number;
  /** Clients that were refused and came back when they were told to: the statuses that they had once the vendors were back. */
  readonly comebacks: readonly number[];
}

const model = 'aurora-anywhere';
const clients = 10;
const okStatus = 200;
const quarterMs = 250;

interface Told {
  readonly status: number;
  /** Seconds; null where nothing was said. */
  readonly retryAfterS: number | null;
}

const ask = async ({ url }: Pick<Server, 'url'>): Promise<Told> => {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 16, messages: [{ role: 'user', content: 'tide' }] }),
  });
  await answer.text();
  const retryAfter = answer.headers.get('retry-after');
  return { status: answer.status, retryAfterS: retryAfter === null ? null : Number(retryAfter) };
};

/**
 * A client that waits as long as it is told to each time that it is refused. @param mended resolves when the vendors are back
 * @returns what it had in the end: once it was refused after the vendors were back, the next answer is the end; null where it was never refused
 */
const comeBack = async (server: Pick<Server, 'url'>, mended: Promise<void>): Promise<number | null> => {
  let areBack = false;
  void mended.then(() => (areBack = true));
  for (let refusals = 0, isLast = false; ; refusals += 1) {
    const { status, retryAfterS } = await ask(server);
    if (status === okStatus) return refusals === 0 ? null : status;
    if (isLast) return status;
    expect(retryAfterS).toBeGreaterThan(0);
    isLast = areBack;
    await pause((retryAfterS ?? 0) * 1_000);
  }
};

/** Every vendor is out at once; then all are back. */
export const runAllOut = async ({ server, rivals, perSecond, seconds, seed }: AllOutOptions): Promise<AllOut> => {
  const vendors = rivals.sandbox.vendors.map(({ name }) => name);
  await Promise.all(vendors.map((vendor) => rivals.setFault(vendor, 'down')));
  const callsBefore = await callsOfAll(rivals);
  const { promise: mended, resolve: mend } = Promise.withResolvers<void>();
  const until = AbortSignal.timeout(seconds * 1_000);
  const loading = loadBoth(server, {
    model,
    concurrency: 4 * perSecond,
    perSecond,
    seed,
    until,
    name: 'all out',
    bounds: [8],
  });
  await pause(seconds * quarterMs);
  const comingBack = Array.from({ length: clients }, () => comeBack(server, mended));
  await pause(3 * seconds * quarterMs);
  const calls = (await callsOfAll(rivals)) - callsBefore;
  const mendedAtMs = Date.now();
  await Promise.all(vendors.map((vendor) => rivals.setFault(vendor, 'none')));
  mend();
  const outcomes = await loading;
  const comebacks = (await Promise.all(comingBack)).filter((status) => status !== null);
  const asked = clients + outcomes.filter(({ askedAtMs }) => askedAtMs < mendedAtMs).length;
  return { outcomes, callsARequest: calls / asked, comebacks };
};

const callsARequestMax = 1.1;

/** First all that were tried have failed, then nobody is left to try; and who comes back when told to is served. */
export const expectTrueRefusals = ({ outcomes, callsARequest, comebacks }: AllOut): void => {
  const told = outcomes
    .filter(({ status, errorCode }) => status !== okStatus && errorCode !== 'overloaded')
    .toSorted((one, other) => one.askedAtMs + one.durationMs - other.askedAtMs - other.durationMs)
    .map(({ status, errorCode }) => `${status} ${errorCode}`);
  expect(told[0]).toBe('502 all_targets_failed');
  expect([...new Set(told)].toSorted()).toEqual(['502 all_targets_failed', '503 no_eligible_target']);
  expect(callsARequest).toBeLessThanOrEqual(callsARequestMax);
  expect(comebacks.length).toBeGreaterThan(0);
  expect(comebacks.filter((status) => status !== okStatus)).toEqual([]);
};
