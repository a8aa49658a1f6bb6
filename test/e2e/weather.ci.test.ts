import { expect, test } from 'vitest';
import { runAllOut, expectTrueRefusals } from '../rigs/allOut.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectRecorded } from '../rigs/expectAnswers.ts';
import { openWeather } from '../rigs/openWeather.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { expectFairWeather, expectJudged, runWeather } from '../rigs/runWeather.ts';

const seed = seedOf('weather.ci');
const perSecond = 100;
const climate = { lastsMs: [600, 900], deathMs: [2_000, 2_200], calmMs: [400, 500], rounds: 1 } as const;

const onOpen = endAfterEach();

const say = (figures: unknown): void => void process.stderr.write(`${JSON.stringify(figures)}\n`);

test('storms over one vendor at a time are never seen before content, nothing is cut in silence, and what is dead is left alone', async () => {
  const [server, rivals] = await openWeather(seed, {}, onOpen);
  const weather = await runWeather({ server, rivals, perSecond, seed, ...climate });
  const { storms, detections, verdict } = weather;
  say({ storms: storms.map(({ vendor, fault }) => `${vendor} ${fault}`), detections, verdict });
  expectFairWeather(weather);
  expectJudged(weather);
  const out = await runAllOut({ server, rivals, perSecond, seconds: 2.4, seed });
  say({ requests: out.outcomes.length, callsARequest: out.callsARequest, comebacks: out.comebacks });
  expectTrueRefusals(out);
  const rows = await freshRows(server);
  const outcomes = [...weather.outcomes, ...out.outcomes];
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of await reconcileAll(rows, rivals, outcomes)) expect(faults).toEqual([]);
});
