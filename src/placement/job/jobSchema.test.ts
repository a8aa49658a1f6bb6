import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatPathFault, readPlainValue } from '../../config/index.ts';
import { jobText } from '../control/openTestController.fixture.ts';
import { jobSchema } from './jobSchema.ts';

const read = (written: unknown) =>
  readPlainValue(written, { schema: jobSchema, check: () => ({ faults: [], warnings: [] }) });

const faultsOf = (more: Readonly<Record<string, unknown>>): readonly string[] => {
  const job = read(jobText(more));
  return job.ok ? [] : job.fault.map(formatPathFault);
};

test('a job says where its bytes lie, and a path never leaves its place', () => {
  const job = read(
    jobText({ checkpoint: { uri: 'site:north-1/disk/a' }, data: [{ name: 'x', uri: 's3://bucket/a b' }] }),
  );
  expect(job).toMatchObject({ ok: false });
  const located = (uri: string) => {
    const one = read(jobText({ checkpoint: { uri } }));
    return one.ok ? one.value.checkpoint?.at : null;
  };
  expect(located('store:a/b')).toEqual({ kind: 'store', path: 'a/b' });
  expect(located('site:north-1/a')).toEqual({ kind: 'site', site: 'north-1', path: 'a' });
  expect(located('gs://bucket/a')).toEqual({ kind: 'remote', uri: 'gs://bucket/a' });
  for (const wrong of [
    'store:../a',
    'store:a/../b',
    'store:/a',
    'store:a//b',
    'site:n',
    'file:///etc',
    'store:.a',
    'a',
  ])
    expect(located(wrong), wrong).toBeNull();
});

test('each mistake is told where it is, with how to mend it', () => {
  expect(faultsOf({ hour: '2' })).toEqual(['hour: unknown key; did you mean "hours"?']);
  expect(faultsOf({ ranks: 0 })).toEqual([
    'ranks: expected a whole number of ranks from 1 to 1024; write it in plain digits, without quotes',
  ]);
  expect(faultsOf({ environment: { ARCHIPEL_RANK: '1' } })[0]).toContain(
    'not beginning with a digit nor with ARCHIPEL_',
  );
  expect(faultsOf({ command: ['node', 'a\0b'] })[0]).toContain('command[1]');
  expect(faultsOf({ deadline: '2026-12-31' })[0]).toContain('2026-12-31T18:00:00Z');
  expect(faultsOf({ kind: 'serve' })).toEqual([
    'a job that serves, without "serve"; add serve: { model: name-of-the-logical-model }',
  ]);
  expect(faultsOf({ serve: { model: 'm' } })[0]).toContain('leave it out, or write kind: serve');
});

test('whatever is sent is read whole, or refused in words', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 4 }), fc.constantFrom(...Object.keys(jobText())), (json, key) => {
      for (const written of [JSON.parse(json) as unknown, jobText({ [key]: JSON.parse(json) as unknown })]) {
        const job = read(written);
        if (!job.ok) expect(job.fault.map(formatPathFault).join('')).not.toBe('');
      }
    }),
    { numRuns: 100 },
  );
});

test('a job that was read once is read again from what was kept of it', () => {
  const written = jobText({ hours: '2.5', maxCostUsd: '12.000000001' });
  const again: unknown = JSON.parse(JSON.stringify(written));
  expect(read(again)).toEqual(read(written));
});
