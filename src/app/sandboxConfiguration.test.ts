import { describe, expect, test } from 'vitest';
import { hashKey } from '../access/index.ts';
import { contractOf } from '../contracts/index.ts';
import { bucketPrice, PriceBook } from '../market/index.ts';
import { sandboxCatalogue } from '../sandbox/index.ts';
import { featuresIn, type ModelBucket } from '../vocabulary/index.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import { demoKey, sandboxConfiguration, sandboxSecrets } from './sandboxConfiguration.ts';
import { testConfiguration } from './testConfiguration.fixture.ts';

const noonMs = Date.UTC(2026, 10, 15, 12);

const vendors = sandboxCatalogue.vendors.map((vendor, index) => ({
  ...vendor,
  url: `http://127.0.0.1:${9001 + index}`,
}));

const { configuration, secrets, warnings } = testConfiguration(
  sandboxConfiguration(vendors, sandboxCatalogue.embeddingDimensions, hashKey(demoKey)),
  sandboxSecrets,
  noonMs,
);

const snapshot = buildSnapshot({
  configuration,
  secrets,
  keys: new Map(),
  areKeysKnown: true,
  book: new PriceBook([]),
  nowMs: noonMs,
  sandbox: true,
  served: [],
});

/** Dollars for a million tokens, as "2.5". */
const usdPerMTok = (vendor: string, model: string, bucket: ModelBucket): number | null => {
  const deployment = snapshot.models.get(model)?.deployments.find((one) => one.vendor === vendor);
  const price = deployment?.terms(noonMs).price;
  const found = price ? bucketPrice(price, bucket) : null;
  return found === null ? null : Number(found.nanoUsdPerMillion) / 1e9;
};

describe("the sandbox's configuration", () => {
  test('is valid as a file of anybody, without a warning', () => {
    expect(warnings).toEqual([]);
  });

  test.each([
    ['aurora', 'chat-large', 2, 8],
    ['aurora', 'chat-small', 0.2, 0.8],
    ['borealis', 'chat-large', 2.5, 10],
    ['borealis', 'chat-small', 0.25, 1],
    ['cascade', 'chat-large', 1.6, 6.4],
    ['cascade', 'chat-small', 0.15, 0.6],
  ] as const)('has %s sell %s at $%d in and $%d out', (vendor, model, input, output) => {
    expect([usdPerMTok(vendor, model, 'input'), usdPerMTok(vendor, model, 'output')]).toEqual([input, output]);
  });

  test("prices borealis's cache, and vectors at aurora and cascade alone", () => {
    expect(usdPerMTok('borealis', 'chat-large', 'cacheRead')).toBe(0.25);
    expect(usdPerMTok('borealis', 'chat-large', 'cacheWrite5m')).toBe(3.125);
    expect(usdPerMTok('aurora', 'embed-small', 'input')).toBe(0.02);
    expect(usdPerMTok('cascade', 'embed-small', 'input')).toBe(0.02);
    expect(usdPerMTok('borealis', 'embed-small', 'input')).toBeNull();
  });

  test('has three vendors on two hosts, so that vectors die with the north', () => {
    const hostsOf = (model: string) => [
      ...new Set(snapshot.models.get(model)?.deployments.flatMap(({ hosts }) => Object.keys(hosts))),
    ];
    expect([...snapshot.models.keys()]).toEqual(['chat-large', 'chat-small', 'embed-small', 'own-small']);
    expect(hostsOf('chat-large')).toEqual(['north', 'south']);
    expect(hostsOf('embed-small')).toEqual(['north']);
    expect(configuration.models.get('embed-small')?.space).toMatchObject({ dimensions: 1536 });
  });

  test('says who goes on with an answer that has begun', () => {
    const takes = snapshot.models
      .get('chat-large')
      ?.deployments.map(({ vendor, capabilities }) => [vendor, featuresIn(capabilities.takes)]);
    expect(takes).toEqual([
      ['aurora', []],
      ['borealis', ['prefill']],
      ['cascade', ['prefill']],
    ]);
  });

  test('has the contracts, caps and key of the story', () => {
    const contracts = configuration.contracts.map(contractOf);
    expect(contracts.map(({ id, kind }) => [id, kind])).toEqual([
      ['aurora-pool', 'pool'],
      ['borealis-reserved', 'floor'],
      ['north-slot', 'slot'],
    ]);
    // A thousand dollars a month for ten years.
    expect(contracts[0]).toMatchObject({ commitmentNanoUsd: 120_000_000_000_000n, fulfilment: 'monthly' });
    expect(contracts[1]).toMatchObject({ quantityNanoUsd: 50_000_000n, unitMs: 60_000 });
    expect(contracts[2]).toMatchObject({ accelerator: 'GB200', count: 8 });
    expect(snapshot.caps).toEqual({ vendor: 0.45, host: 0.6, jurisdiction: null, lab: null });
    expect(snapshot.models.get('chat-large')?.deployments[0]?.terms(noonMs)).toMatchObject({
      contract: 'aurora-pool',
      discount: '0.1',
    });
    expect(configuration.keys.map(({ name, hash }) => [name, hash])).toEqual([['demo', hashKey('sk-archipel-demo')]]);
  });

  test('listens on loopback, and holds no credential in its text', () => {
    expect(configuration.listen.host).toBe('127.0.0.1');
    expect(configuration.admin.listen.host).toBe('127.0.0.1');
    const text = sandboxConfiguration(vendors, 1536, hashKey(demoKey));
    expect(text).not.toContain(demoKey);
    for (const secret of Object.values(sandboxSecrets)) expect(text).not.toContain(secret);
  });
});
