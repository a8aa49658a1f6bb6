import { expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { endAfterEach } from '../rigs/endAfterEach.ts';
import { expectNoFault, expectRecorded } from '../rigs/expectAnswers.ts';
import { durationFigures, extraCallsFigure } from '../rigs/figures.ts';
import { keepResult } from '../rigs/keepResult.ts';
import { freshRows, reconcileAll } from '../rigs/outage.ts';
import { removeServer } from '../rigs/removeServer.ts';
import type { Outcome } from '../rigs/load.ts';
import { openRivals } from '../rigs/rivals.ts';
import { soak } from '../rigs/soak.ts';
import { soakFaults, soakFigures } from '../rigs/soakFigures.ts';
import { startServer } from '../rigs/startServer.ts';

const seed = seedOf('soak.long');
const minutes = Number(process.env['ARCHIPEL_SOAK_MINUTES'] ?? 30);
const concurrency = 60;

const onEnd = endAfterEach();

/** A vendor that goes down takes its streams with it: those that had begun end in their protocol's own error. */
const isCutOff = ({ status, fault }: Outcome): boolean => status === 200 && fault?.includes('broke off') === true;
const cutOffShareMax = 0.001;

test('half an hour at half load with a fault each minute leaves nothing behind and every book balanced [G20]', async () => {
  const rivals = await openRivals({ seed });
  onEnd(() => rivals.close());
  const server = await startServer({ configuration: rivals.configuration(), env: rivals.env });
  onEnd(() => removeServer(server));
  const { outcomes, samples, ...ran } = await soak({ server, rivals, minutes, seed, concurrency });
  const figures = soakFigures(samples);
  const rows = await freshRows(server);
  const reconciliations = await reconcileAll(rows, rivals, outcomes);
  const cutOff = outcomes.filter(isCutOff);
  keepResult('soak', seed, {
    minutes,
    ...ran,
    requests: outcomes.length,
    faulty: outcomes.filter(({ fault }) => fault !== null).length,
    cutOff: cutOff.length,
    attempts: rows.attempts.length,
    extraCalls: extraCallsFigure(outcomes),
    ...durationFigures(outcomes),
    ...figures,
    reconciliations,
  });
  await expectNoFault(
    server,
    outcomes.filter((outcome) => !isCutOff(outcome)),
    seed,
  );
  const codes = new Map(rows.requests.map(({ requestId, errorCode }) => [requestId, errorCode]));
  expect(cutOff.filter(({ requestId }) => codes.get(requestId ?? '') !== 'upstream_truncated')).toEqual([]);
  expect(cutOff.length / outcomes.length).toBeLessThan(cutOffShareMax);
  await expectRecorded(server, rows, outcomes, seed);
  for (const { faults } of reconciliations) expect(faults).toEqual([]);
  expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  expect(soakFaults(figures)).toEqual([]);
}, 7_200_000);
