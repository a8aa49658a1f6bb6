import { expect, test } from 'vitest';
import { exampleIntent } from '../../test/rigs/exampleIntent.ts';
import { makeKeyTable } from '../access/index.ts';
import { formatFault } from '../config/index.ts';
import { settleAttempt } from '../ledger/index.ts';
import { PriceBook } from '../market/index.ts';
import type { Usage } from '../vocabulary/index.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import { bookWith } from './knownThings.ts';
import { loadConfiguration } from './loadConfiguration.ts';

// One list in which whatever a price depends on makes a different price, each a prime, so that no two sums are the same by chance.
const list = [
  'vendor,model,region,tier,above_tokens,input,output,cache_read,cache_write_5m,cache_write_1h,reasoning,input_audio,input_image,output_audio,output_image,request,from',
  'north,x,,,,2,3,5,7,11,13,17,19,23,29,0.000031,',
  'north,x,,,1000,37,41,43,,,,,,,,,',
  'north,x,,batch,,47,53,,,,,,,,,,',
  'north,x,,flex,,59,61,,,,,,,,,,',
  'north,x,,priority,,67,71,,,,,,,,,,',
  'north,x,,priority,1000,73,79,,,,,,,,,,',
  'north,x,eu,,,83,89,,,,,,,,,,',
  'north,x,,,,97,101,,,,,,,,,,2026-07-01',
  'north,y,,,,103,107,,,,,,,,,,',
  'south,x,,,,109,113,,,,,,,,,,',
].join('\n');

const file = `
version: 1
providers:
  north: { wire: openai, vendor: north, baseUrl: "https://n.example/v1", credentials: { apiKey: "\${env:A}" }, host: one }
  eu: { wire: openai, vendor: north, region: eu, baseUrl: "https://e.example/v1", credentials: { apiKey: "\${env:A}" }, host: one }
  us: { wire: openai, vendor: north, region: us, baseUrl: "https://u.example/v1", credentials: { apiKey: "\${env:A}" }, host: one }
  south: { wire: openai, vendor: south, baseUrl: "https://s.example/v1", credentials: { apiKey: "\${env:A}" }, host: two }
  agreed: { wire: openai, vendor: north, baseUrl: "https://g.example/v1", credentials: { apiKey: "\${env:A}" }, host: one }
models:
  north: { deployments: [ { provider: north, model: x } ] }
  eu: { deployments: [ { provider: eu, model: x } ] }
  us: { deployments: [ { provider: us, model: x } ] }
  other: { deployments: [ { provider: north, model: y } ] }
  south: { deployments: [ { provider: south, model: x } ] }
  agreed: { deployments: [ { provider: agreed, model: x } ] }
contracts:
  - { id: pool, vendor: north, covers: [ { provider: agreed } ], kind: pool, usd: "100", period: [ 2026-01-01, 2027-01-01 ], fulfil: annual, shortfall: { rate: "1.0" }, discount: "0.25" }
prices: [ { file: own.csv, from: 2026-01-01 } ]
`;

const may = Date.parse('2026-05-15T12:00:00Z');

const snapshot = (() => {
  const loaded = loadConfiguration(
    { file: 'f.yaml', text: file },
    { env: { A: 'key' }, readFile: () => list, known: { wires: ['openai'], nowMs: may } },
  );
  if (!loaded.ok) throw new Error(loaded.fault.map(formatFault).join('\n'));
  const keys = makeKeyTable([]);
  if (!keys.ok) throw new Error('no keys');
  const { configuration, secrets, prices } = loaded.value;
  return buildSnapshot({
    configuration,
    secrets,
    keys: keys.value,
    areKeysKnown: true,
    book: bookWith(new PriceBook([]), prices),
    nowMs: may,
    sandbox: false,
    served: [],
  });
})();

interface Served {
  readonly model?: string;
  readonly usage?: Usage;
  readonly tier?: string;
  readonly at?: string;
}

/** What a request is booked at, in nano-dollars. */
const booked = ({ model = 'north', usage = { input: 1, output: 1 }, tier, at }: Served): number => {
  const startedAtMs = at === undefined ? may : Date.parse(at);
  const terms = snapshot.models.get(model)?.deployments[0]?.terms(startedAtMs);
  if (terms === undefined || terms.price === null) throw new Error('no price');
  const final = settleAttempt({
    intent: { ...exampleIntent, model, contract: terms.contract, startedAtMs, holdNanoUsd: '0' },
    outcome: { kind: 'ok' },
    reading: { usage, outputBytes: 1, sent: true, refused: false, ...(tier !== undefined && { servedTier: tier }) },
    price: terms.price,
    discount: terms.discount,
    inputEstimateTokens: 1,
    durationMs: 1,
    firstContentMs: 1,
    edits: [],
  });
  expect(final.basis).toBe('reported');
  return Number(final.amountNanoUsd);
};

const thousand = 1_000;

test.each<[what: string, served: Served, nanoUsd: number]>([
  ['one token in and one out', {}, (2 + 3) * thousand],
  ['another vendor', { model: 'south' }, (109 + 113) * thousand],
  ['another model', { model: 'other' }, (103 + 107) * thousand],
  ['a region with a price of its own', { model: 'eu' }, (83 + 89) * thousand],
  ['a region without one', { model: 'us' }, (2 + 3) * thousand],
  ['batch', { tier: 'batch' }, (47 + 53) * thousand],
  ['flex', { tier: 'flex' }, (59 + 61) * thousand],
  ['priority', { tier: 'priority' }, (67 + 71) * thousand],
  ['the longest input of the short ones', { usage: { input: 1_000 } }, 2_000 * thousand],
  ['the shortest of the long ones', { usage: { input: 1_001 } }, 37 * 1_001 * thousand],
  [
    'an input that is long by what the cache holds',
    { usage: { input: 1, cacheRead: 1_000 } },
    (37 + 43_000) * thousand,
  ],
  ['a long input by priority', { tier: 'priority', usage: { input: 1_001, output: 1 } }, (73 * 1_001 + 79) * thousand],
  ['what was read from the cache', { usage: { cacheRead: 1 } }, 5 * thousand],
  ['what was put there for five minutes', { usage: { cacheWrite5m: 1 } }, 7 * thousand],
  ['what was put there for an hour', { usage: { cacheWrite1h: 1 } }, 11 * thousand],
  ['thinking', { usage: { reasoning: 1 } }, 13 * thousand],
  ['sound that goes in', { usage: { inputAudio: 1 } }, 17 * thousand],
  ['pictures that go in', { usage: { inputImage: 1 } }, 19 * thousand],
  ['sound that comes out', { usage: { outputAudio: 1 } }, 23 * thousand],
  ['pictures that come out', { usage: { outputImage: 1 } }, 29 * thousand],
  ['the request itself', { usage: { requests: 1 } }, 31 * thousand],
  ['the last moment before a new price', { at: '2026-06-30T23:59:59.999Z' }, (2 + 3) * thousand],
  ['the first moment of it', { at: '2026-07-01T00:00:00Z' }, (97 + 101) * thousand],
  ['what a contract takes off', { model: 'agreed', usage: { input: 4 } }, 6 * thousand],
])('a price depends on it: %s', (_what, served, nanoUsd) => {
  expect(booked(served)).toBe(nanoUsd);
});
