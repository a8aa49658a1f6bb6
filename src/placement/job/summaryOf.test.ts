import { expect, test } from 'vitest';
import { jobText, specOf } from '../control/openTestController.fixture.ts';
import { advance, type PlannedAttempt } from './advance.ts';
import type { Job } from './Job.ts';
import { newJob } from './newJob.ts';
import { summaryOf } from './summaryOf.ts';

const id = '01a21aa4-b93d-732e-9a06-f1efdb76e246';
const nowMs = Date.UTC(2027, 0, 4, 9);

const submitted = (written: unknown): Job =>
  newJob({ id, organisation: 'default', name: 'own-small', written, submittedBy: 'ops', nowMs });

const planned: PlannedAttempt = {
  site: 'north-1',
  owner: 'here',
  place: { vendor: 'aurora', region: null, hosts: { north: 1 }, jurisdiction: null },
  accelerator: 'GB200',
  accelerators: 4,
  basis: 'onDemand',
  contract: null,
  price: { hourNanoUsd: '1', listHourNanoUsd: '1', discount: '0', source: 'file' },
  capacityUntilMs: null,
  resumesFrom: null,
  decision: { decidedAtMs: nowMs, chosen: null, others: [], weighed: 0, refused: {} },
};

test('a summary has the count of the attempts, the newest site and the exact sum of what they cost', () => {
  const job = submitted({ kind: 'serve', team: 'demo', command: ['canary'], environment: { TOKEN: 'canary' } });
  const placed = advance(specOf(jobText()), job, { kind: 'placed', atMs: nowMs, attempt: planned });
  const attempts = placed.attempts.flatMap((attempt) => [
    { ...attempt, costNanoUsd: '9007199254740993' },
    { ...attempt, number: 2, site: 'south-1', costNanoUsd: '1' },
  ]);
  expect(summaryOf({ ...placed, version: 7, attempts })).toEqual({
    id,
    version: 7,
    name: 'own-small',
    kind: 'serve',
    team: 'demo',
    state: 'starting',
    site: 'south-1',
    submittedAtMs: nowMs,
    endedAtMs: null,
    attempts: 2,
    costNanoUsd: '9007199254740994',
  });
});

test.each([null, 'text', [], { kind: 7, team: null }])(
  'a summary of a job whose file is none that we know tells no kind and no team: %j',
  (written) => {
    const nothing = { kind: null, team: null, site: null, attempts: 0, costNanoUsd: '0' };
    expect(summaryOf(submitted(written))).toMatchObject(nothing);
  },
);
