import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../../gateway/index.ts';
import { bucketPrice, PriceBook } from '../../market/index.ts';
import type { ServingJob } from '../../placement/index.ts';
import { modelBuckets } from '../../vocabulary/index.ts';
import { buildSnapshot } from '../buildSnapshot.ts';
import { priceOf, testConfiguration, testFile } from '../testConfiguration.fixture.ts';
import { servedDeployment } from './servedDeployment.ts';
import { anAttempt, aServingJob, noonMs, twoSites } from './testJobs.fixture.ts';

const book = new PriceBook([]);

const deploymentOf = (serving: ServingJob = aServingJob()) => servedDeployment(serving, { book, nowMs: noonMs });

const snapshotWith = (served: readonly ServingJob[], models: object = {}): Snapshot => {
  const chat = { deployments: [{ provider: 'a', model: 'large', price: priceOf('2', '8') }] };
  const text = testFile({ ...twoSites, models: { chat, other: chat, ...models } });
  const { configuration, secrets } = testConfiguration(text, { A_KEY: 'credential-a' }, noonMs);
  return buildSnapshot({
    configuration,
    secrets,
    keys: new Map(),
    areKeysKnown: true,
    book,
    nowMs: noonMs,
    sandbox: false,
    served,
  });
};

const targetsOf = (snapshot: Snapshot, model: string): readonly string[] =>
  snapshot.models.get(model)!.deployments.map(({ target }) => `${target.provider}/${target.model}`);

describe('the server of a job', () => {
  test('is a deployment that is called without a key, where its attempt runs', () => {
    expect(deploymentOf()).toMatchObject({
      target: { provider: 'north-1.own-small', model: 'own-small' },
      origin: 'http://127.0.0.1:43121',
      basePath: '/v1',
      authorizer: null,
      vendor: 'aurora',
      hosts: { north: 1 },
      jurisdiction: 'EU',
      lab: null,
      region: 'north',
    });
  });

  test('costs nothing by the token, in any bucket, and says why', () => {
    const terms = deploymentOf()!.terms(noonMs);
    expect(terms).toMatchObject({ discount: '0', contract: null });
    const free = { nanoUsdPerMillion: 0n, source: 'capacity of north-1' };
    for (const bucket of modelBuckets) expect(bucketPrice(terms.price!, bucket), bucket).toEqual(free);
  });

  test('is none where nobody speaks its wire', () => {
    const { serve } = aServingJob();
    expect(deploymentOf(aServingJob({ serve: { ...serve, wire: 'semaphore' } }))).toBeNull();
  });

  test.each([
    ['/', ''],
    ['/v1', '/v1'],
    ['/v1/', '/v1'],
    ['/deep/v1//', '/deep/v1'],
  ])('under %s is called under %j', (basePath, called) => {
    const { serve } = aServingJob();
    expect(deploymentOf(aServingJob({ serve: { ...serve, basePath } }))?.basePath).toBe(called);
  });

  test('is another one with each attempt: what the last one did wrong is not held against it', () => {
    const [first, second] = [1, 2].map((number) => deploymentOf(aServingJob({ attempt: anAttempt({ number }) }))!);
    expect(second!.target).toEqual(first!.target);
    expect(second!.credential).not.toBe(first!.credential);
    expect(second!.quotaDomain).not.toBe(first!.quotaDomain);
  });
});

describe('a snapshot', () => {
  test('has it first in its model, before the vendors, and in no other one', () => {
    const snapshot = snapshotWith([aServingJob()]);
    expect(targetsOf(snapshot, 'chat')).toEqual(['north-1.own-small/own-small', 'a/large']);
    expect(targetsOf(snapshot, 'other')).toEqual(['a/large']);
  });

  test('does not have it once it is not served', () => {
    expect(targetsOf(snapshotWith([]), 'chat')).toEqual(['a/large']);
  });

  test('goes without one whose wire nobody speaks, and without one whose model is gone', () => {
    const { serve } = aServingJob();
    const served = [
      aServingJob({ serve: { ...serve, wire: 'semaphore' } }),
      aServingJob({ serve: { ...serve, model: 'gone' } }),
    ];
    const snapshot = snapshotWith(served);
    expect(targetsOf(snapshot, 'chat')).toEqual(['a/large']);
    expect([...snapshot.models.keys()]).toEqual(['chat', 'other']);
  });
});
