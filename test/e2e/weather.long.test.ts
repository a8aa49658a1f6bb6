import { expect, test } from 'vitest';
import { runAllOut, expectTrueRefusals } from '../rigs/allOut.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { openWeather } from '../rigs/openWeather.ts';
import { expectFairWeather, expectJudged, runWeather } from '../rigs/runWeather.ts';

const seed = seedOf('weather.long');
const perSecond = Number(process.env['ARCHIPEL_PER_SECOND'] ?? 200);
/** Of eight storms each: ten minutes. */
const rounds = Number(process.env['ARCHIPEL_ROUNDS'] ?? 9);

const onOpen = endAfterEach();

const climate = { lastsMs: [3_000, 9_000], deathMs: [4_000, 15_000], calmMs: [500, 4_000] } as const;

test('ten minutes of storms over one vendor at a time, then all of them out', async () => {
  const [server, rivals] = await openWeather(seed, {}, onOpen);
  const weather = await runWeather({ server, rivals, perSecond, seed, ...climate, rounds });
  keepResult('weather', seed, { perSecond, ...weather, outcomes: null, bills: null });
  expectFairWeather(weather);
  expectJudged(weather);
  const out = await runAllOut({ server, rivals, perSecond, seconds: 10, seed });
  keepResult('weather, all out', seed, { ...out, outcomes: null });
  expectTrueRefusals(out);
});

test('without a second attempt the same storms are seen', async () => {
  const [server, rivals] = await openWeather(seed, { attempts: 1 }, onOpen);
  const { verdict } = await runWeather({ server, rivals, perSecond: 40, seed, ...climate, rounds: 1 });
  keepResult('weather control', seed, { ...verdict });
  expect(verdict.errorsBeforeContent).toBeGreaterThan(0);
});
