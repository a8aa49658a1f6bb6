import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { TestController } from './openTestController.fixture.ts';

interface Scenario {
  readonly cluster: { readonly zone: string; readonly disk: string };
  readonly start: { readonly error: string };
  readonly expect: { readonly createCalls: number; readonly errorClass: 'quota' };
}

const cases = join(import.meta.dirname, '../../../test/fixtures/cases');
const scenario: Scenario = JSON.parse(readFileSync(join(cases, '41-restart-must-not-move.scenario.json'), 'utf8'));

const { cluster, start, expect: right } = scenario;

/** Two zones with room; the state of the job lies on a disk of the first. */
const zones = (open: TestController): void => {
  const [offer] = open.offers;
  if (offer === undefined) throw new Error('the test has offers');
  const free = { ...offer, basis: 'onDemand' as const, contract: null, untilMs: null, hourUsd: 2 };
  open.offers = [
    { ...free, site: cluster.zone, hourUsd: 5 },
    { ...free, site: 'us-east-1b' },
  ];
};

const elsewhere = (open: TestController): number =>
  open.executor.submissions.filter(({ site }) => site !== cluster.zone).length;

// Case 41: what has its state in one zone is not started in another because the first one refuses.
test('a job whose disk lies in a zone that refuses it is started nowhere else, and says why it waits', async () => {
  using open = new TestController();
  zones(open);
  const id = await open.submit({ checkpoint: { uri: `site:${cluster.zone}/${cluster.disk}` } });
  await open.rounds(3);
  expect(await open.job(id)).toMatchObject({ state: 'running', attempts: [{ site: cluster.zone }] });
  open.executor.lose(cluster.zone);
  open.executor.faults.set(cluster.zone, { class: right.errorClass, message: start.error });
  await open.rounds(100);
  const job = await open.job(id);
  expect(elsewhere(open)).toBe(right.createCalls);
  expect(job).toMatchObject({ state: 'queued', attempts: [{ state: 'lost' }] });
  expect(job.evidence).toContainEqual(
    expect.objectContaining({ what: `refused_${right.errorClass}`, detail: `${cluster.zone}: ${start.error}` }),
  );
  open.executor.faults.clear();
  await open.rounds(40);
  expect(await open.job(id)).toMatchObject({ state: 'running', attempts: [{}, { site: cluster.zone }] });
});

test('the same job without a disk of its own goes to the other zone', async () => {
  using open = new TestController();
  zones(open);
  await open.submit({ sites: [cluster.zone, 'us-east-1b'] });
  await open.rounds(3);
  expect(elsewhere(open)).toBe(1);
});
