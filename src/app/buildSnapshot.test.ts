import { describe, expect, test } from 'vitest';
import type { Snapshot } from '../gateway/index.ts';
import { PriceBook, bucketPrice } from '../market/index.ts';
import { featuresIn, hasFeature } from '../vocabulary/index.ts';
import { buildSnapshot } from './buildSnapshot.ts';
import { priceOf, testConfiguration, testFile } from './testConfiguration.fixture.ts';

const noonMs = Date.UTC(2026, 10, 15, 12);

const snapshotOf = (
  sections: Readonly<Record<string, unknown>> = {},
  { nowMs = noonMs, sandbox = false, env = { A_KEY: 'credential-a', B_KEY: 'credential-b' } } = {},
): Snapshot => {
  const { configuration, secrets } = testConfiguration(testFile(sections), env, nowMs);
  return buildSnapshot({
    configuration,
    secrets,
    keys: new Map(),
    areKeysKnown: true,
    book: new PriceBook([]),
    nowMs,
    sandbox,
    served: [],
  });
};

const endpoint = (more: object = {}): object => ({
  wire: 'openai',
  vendor: 'aurora',
  baseUrl: 'https://aurora.example/v1',
  credentials: { apiKey: '${env:A_KEY}' },
  ...more,
});

const pool = (more: object = {}): object => ({
  id: 'pool',
  vendor: 'aurora',
  covers: [{ provider: 'a' }],
  kind: 'pool',
  usd: '1200',
  period: ['2026-01-01', '2027-01-01'],
  fulfil: 'total',
  shortfall: { rate: '1.0' },
  discount: '0.25',
  ...more,
});

const termsOf = (snapshot: Snapshot, atMs: number) => snapshot.models.get('chat')!.deployments[0]!.terms(atMs);

describe('the terms of a deployment', () => {
  test('are the price of the file, and the discount of the contract that is drawn down', () => {
    const terms = termsOf(snapshotOf({ contracts: [pool()] }), noonMs);
    expect(terms).toMatchObject({ discount: '0.25', contract: 'pool' });
    expect(terms.price && bucketPrice(terms.price, 'input')?.nanoUsdPerMillion).toBe(2_000_000_000n);
    expect(terms.price && bucketPrice(terms.price, 'output')?.nanoUsdPerMillion).toBe(8_000_000_000n);
  });

  test('name a floor before the pool that it is in, and have the discount of whoever bills what is beyond it', () => {
    const floor = {
      id: 'floor',
      vendor: 'aurora',
      covers: [{ provider: 'a' }],
      kind: 'floor',
      period: ['2026-11-01', '2027-01-01'],
    };
    const fee = { usd: '2', per: 'hour' };
    const tokens = { ...floor, unit: 'tokensPerMinute', quantity: '5000', fee };
    const dollars = { ...floor, unit: 'usdPerMinute', quantity: '2' };
    const of = (one: object) => termsOf(snapshotOf({ contracts: [pool(), one] }), noonMs);
    expect(of(tokens)).toMatchObject({ discount: '0.25', contract: 'floor' });
    expect(of({ ...tokens, discount: '0.1' })).toMatchObject({ discount: '0.1', contract: 'floor' });
    // Room that is counted in dollars is counted at its own prices.
    expect(of(dollars)).toMatchObject({ discount: '0', contract: 'floor' });
  });

  test.each([
    ['the last instant before', Date.UTC(2025, 11, 31, 23, 59, 59, 999), null],
    ['the first instant of', Date.UTC(2026, 0, 1), 'pool'],
    ['the last instant of', Date.UTC(2026, 11, 31, 23, 59, 59, 999), 'pool'],
    ['the first instant after', Date.UTC(2027, 0, 1), null],
  ])('know the contract at %s its period: %#', (_, atMs, contract) => {
    const terms = termsOf(snapshotOf({ contracts: [pool()] }), atMs);
    expect(terms).toMatchObject({ contract, discount: contract === null ? '0' : '0.25' });
  });

  test('change while they are served, when a contract ends', () => {
    const snapshot = snapshotOf({ contracts: [pool()] });
    expect(termsOf(snapshot, Date.UTC(2026, 11, 31)).contract).toBe('pool');
    expect(termsOf(snapshot, Date.UTC(2027, 0, 1)).contract).toBeNull();
  });

  test('have no price where none is known, and the ceiling where the policy says so', () => {
    const models = { chat: { deployments: [{ provider: 'a', model: 'large' }] } };
    const flagged = snapshotOf({ models, policy: { unpriced: 'flag' } });
    expect(flagged.serveUnpriced).toBe(true);
    const ceiling = snapshotOf({ models, policy: { unpriced: { ceilingPerMTok: '50' } } });
    expect(ceiling.serveUnpriced).toBe(false);
    expect(termsOf(ceiling, noonMs).price).toMatchObject({ ceilingPerMillion: 50_000_000_000n });
    expect(termsOf(snapshotOf({ models }), noonMs).price).toBeNull();
  });
});

describe('deployments', () => {
  test('of a list of endpoints are one for each credential, benched and billed apart', () => {
    const snapshot = snapshotOf({
      providers: {
        a: [
          { name: 'one', ...endpoint({ account: 'first' }) },
          { name: 'two', ...endpoint({ account: 'second', credentials: { apiKey: '${env:B_KEY}' } }) },
        ],
      },
      contracts: [pool()],
    });
    const deployments = snapshot.models.get('chat')!.deployments;
    expect(
      deployments.map(({ target, credential, authorizer }) => [target, credential, authorizer?.secrets[0]?.reveal()]),
    ).toEqual([
      [{ provider: 'a.one', model: 'large' }, 'a.one/first', 'credential-a'],
      [{ provider: 'a.two', model: 'large' }, 'a.two/second', 'credential-b'],
    ]);
    expect(new Set(deployments.map(({ quotaDomain }) => quotaDomain)).size).toBe(2);
    expect(deployments.map((deployment) => deployment.terms(noonMs).contract)).toEqual(['pool', 'pool']);
  });

  test('share a quota where account, region and model are one, and by family where it is named', () => {
    const domains = (first: object, second: object): number => {
      const providers = {
        a: [
          { name: 'one', ...endpoint(first) },
          { name: 'two', ...endpoint(second) },
        ],
      };
      const { deployments } = snapshotOf({ providers }).models.get('chat')!;
      return new Set(deployments.map(({ quotaDomain }) => quotaDomain)).size;
    };
    expect(domains({}, {})).toBe(1);
    expect(domains({ region: 'eu' }, { region: 'us' })).toBe(2);
    expect(domains({ family: 'x' }, { family: 'y' })).toBe(2);
  });

  test.each([
    ['named alone', 'north', { north: 1 }],
    [
      'with shares',
      [
        { name: 'north', share: '0.25' },
        { name: 'south', share: '0.75' },
      ],
      { north: 0.25, south: 0.75 },
    ],
    [
      'with unknown shares',
      [
        { name: 'north', share: 'unknown' },
        { name: 'south', share: 'unknown' },
      ],
      { north: 1, south: 1 },
    ],
  ])('on hosts %s count each at its worst case', (_, host, hosts) => {
    const snapshot = snapshotOf({ providers: { a: endpoint({ host }) } });
    expect(snapshot.models.get('chat')!.deployments[0]!.hosts).toEqual(hosts);
  });

  test('that do not say where they run count whole as one unknown host', () => {
    const snapshot = snapshotOf({ providers: { a: endpoint() } });
    expect(snapshot.models.get('chat')!.deployments[0]!.hosts).toEqual({ unknown: 1 });
  });

  test('keep the path of their base URL, without a slash at its end', () => {
    const providers = { a: endpoint({ baseUrl: 'https://aurora.example:8443/gate/v1/' }) };
    expect(snapshotOf({ providers }).models.get('chat')!.deployments[0]).toMatchObject({
      origin: 'https://aurora.example:8443',
      basePath: '/gate/v1',
    });
  });

  test('without an address are left out', () => {
    const deployments = [
      { provider: 'later', model: 'large', price: priceOf('1', '1') },
      { provider: 'a', model: 'large', price: priceOf('2', '8') },
    ];
    const providers = { a: endpoint(), later: endpoint({ baseUrl: undefined }) };
    const { models } = snapshotOf({ providers, models: { chat: { deployments } } });
    expect(models.get('chat')!.deployments.map(({ target }) => target.provider)).toEqual(['a']);
  });
});

describe('what caps are measured by', () => {
  test('is the share as written, null where there is none', () => {
    const policy = { concentration: { vendor: '0.45', host: '0.6' } };
    expect(snapshotOf({ policy }).caps).toEqual({ vendor: 0.45, host: 0.6, jurisdiction: null, lab: null });
  });

  test('is nothing where the whole may go to one', () => {
    const policy = { concentration: { vendor: '1', jurisdiction: '1.0', lab: '0.999' } };
    expect(snapshotOf({ policy }).caps).toEqual({ vendor: null, host: null, jurisdiction: null, lab: 0.999 });
  });

  test('is what the contracts make one expect, by the window of the caps', () => {
    const withWindow = (window: string, contracts: readonly object[]): number =>
      snapshotOf({ contracts, policy: { concentration: { vendor: '0.5', window } } }).forecastUsd;
    // 1,200 dollars a year, in months of 30 days.
    expect(withWindow('month', [pool()])).toBeCloseTo((1200 / 365) * 30, 6);
    expect(withWindow('day', [pool()])).toBeCloseTo(1200 / 365, 6);
    expect(withWindow('year', [pool()])).toBeCloseTo(1200, 6);
    expect(withWindow('total', [pool()])).toBeCloseTo((1200 / 365) * 30, 6);
    const floor = {
      id: 'floor',
      vendor: 'aurora',
      covers: [{ provider: 'a' }],
      kind: 'floor',
      unit: 'usdPerMinute',
      quantity: '0.01',
      period: ['2026-11-01', '2026-12-01'],
    };
    // A cent in each minute of its thirty days, however many of them have passed.
    expect(withWindow('month', [floor])).toBeCloseTo(432, 6);
    expect(withWindow('month', [{ ...floor, period: ['2026-11-15', '2027-11-15'] }])).toBeCloseTo(432, 6);
    // Inside a pool it is a part of what is due, as far as that goes.
    const inside = { ...floor, period: ['2026-01-01', '2027-01-01'] };
    expect(withWindow('year', [pool(), { ...inside, quantity: '0.001' }])).toBeCloseTo(1200, 6);
    expect(withWindow('month', [pool(), inside])).toBeCloseTo(432, 6);
    const slot = {
      id: 'slot',
      vendor: 'aurora',
      covers: [{ site: 'lab' }],
      kind: 'slot',
      accelerator: 'GB200',
      count: 8,
      period: ['2026-11-01', '2027-11-01'],
      fee: { usd: '3650', per: 'period' },
    };
    const sites = { lab: { executor: 'local', vendor: 'aurora', accelerators: [{ kind: 'GB200', count: 8 }] } };
    const policy = { concentration: { vendor: '0.5', window: 'month' } };
    expect(snapshotOf({ sites, contracts: [slot], policy }).forecastUsd).toBeCloseTo(300, 6);
  });

  test('is above 0 without any contract in force', () => {
    const none = snapshotOf().forecastUsd;
    expect(none).toBeGreaterThan(0);
    expect(snapshotOf({ contracts: [pool({ period: ['2024-01-01', '2025-01-01'] })] }).forecastUsd).toBe(none);
  });
});

test('every answer of the sandbox says that it is one, and of no other', () => {
  expect(snapshotOf({}, { sandbox: true }).answerHeaders).toEqual({ 'x-archipel-sandbox': 'true' });
  expect(snapshotOf().answerHeaders).toEqual({});
});

describe('the wires of a deployment', () => {
  const spoken = (more: object): readonly (readonly string[])[] => {
    const { models } = snapshotOf({ providers: { a: endpoint(more) } });
    return models
      .get('chat')!
      .deployments.map(({ wire, alsoSpeaks }) => [wire.name, ...alsoSpeaks.map(({ name }) => name)]);
  };

  test('are that of its provider, and those that the file says beside it', () => {
    expect(spoken({})).toEqual([['openai']]);
    expect(spoken({ alsoSpeaks: ['responses'] })).toEqual([['openai', 'responses']]);
    expect(spoken({ vendor: 'openai', baseUrl: 'https://api.openai.com/v1' })).toEqual([['openai', 'responses']]);
    expect(spoken({ vendor: 'openai', baseUrl: 'https://api.openai.com/v1', alsoSpeaks: [] })).toEqual([['openai']]);
  });
});

describe('the paths of a provider that are open', () => {
  const rules = [
    { path: '/images/**', methods: ['POST'], usdPerRequest: '0.19', model: 'chat' },
    { path: '/files', methods: ['GET'], usdPerRequest: '0' },
  ];
  const passed = (more: object = {}, sections: Readonly<Record<string, unknown>> = {}) =>
    snapshotOf({ providers: { a: endpoint({ passthrough: rules, ...more }) }, ...sections }).passthrough;

  test('go to the provider, each by the price of its rule and under the contract', () => {
    const { basePath, rules: made } = passed({}, { contracts: [pool()] }).get('a')!;
    expect([basePath, made.map(({ model, countsAs }) => [model.name, countsAs])]).toEqual([
      '/v1',
      [
        ['chat', 'chat'],
        ['passthrough/a/files', null],
      ],
    ]);
    const [pictures] = made[0]!.model.deployments;
    expect(pictures).toMatchObject({
      target: { provider: 'a', model: 'images/**' },
      origin: 'https://aurora.example',
      vendor: 'aurora',
      credential: 'a/default/passthrough',
    });
    const { price, discount, contract } = pictures!.terms(noonMs);
    expect([discount, contract]).toEqual(['0', 'pool']);
    expect(price && bucketPrice(price, 'requests')?.nanoUsdPerMillion).toBe(190_000_000n * 1_000_000n);
    expect(price && bucketPrice(price, 'input')).toBeNull();
  });

  test('draw the pool where the floor in it counts tokens, unless its table counts requests', () => {
    const floor = {
      id: 'floor',
      vendor: 'aurora',
      covers: [{ provider: 'a' }],
      kind: 'floor',
      period: ['2026-01-01', '2027-01-01'],
      unit: 'tokensPerMinute',
      quantity: '5000',
      fee: { usd: '2', per: 'hour' },
    };
    const contractOfPictures = (differs: object) =>
      passed({}, { contracts: [pool(), { ...floor, ...differs }] })
        .get('a')!
        .rules[0]!.model.deployments[0]!.terms(noonMs).contract;
    expect(contractOfPictures({})).toBe('pool');
    expect(contractOfPictures({ burndown: { input: '1', requests: '100' } })).toBe('floor');
    const dollars = { unit: 'usdPerMinute', quantity: '2', fee: undefined };
    expect(contractOfPictures(dollars)).toBe('floor');
  });

  test('are none without rules, and those of each member of a list by both names', () => {
    expect(snapshotOf().passthrough.size).toBe(0);
    const members = ['x', 'y'].map((name) => ({ ...endpoint({ passthrough: rules }), name }));
    expect([...snapshotOf({ providers: { a: members } }).passthrough.keys()]).toEqual(['a.x', 'a.y']);
  });

  test('leave what is known of the models of the provider alone', () => {
    const { models, passthrough } = snapshotOf({ providers: { a: endpoint({ passthrough: rules }) } });
    const [model] = models.get('chat')!.deployments;
    const [path] = passthrough.get('a')!.rules[0]!.model.deployments;
    expect(path!.credential).not.toBe(model!.credential);
    expect(path!.quotaDomain).not.toBe(model!.quotaDomain);
  });
});

describe('what targets lack', () => {
  const lacking = (capabilities: object, policy: object = {}) => {
    const models = { chat: { deployments: [{ provider: 'a', model: 'gpt-3.5-turbo', capabilities }] } };
    const snapshot = snapshotOf({ models, policy });
    const [deployment] = snapshot.models.get('chat')!.deployments;
    return { lacks: featuresIn(deployment!.capabilities.lacks), policy: snapshot.lacking };
  };

  test('is what the table says, less and more than that where the file says so', () => {
    expect(lacking({}).lacks).toEqual(['images']);
    expect(lacking({ supported: ['images'], unsupported: ['audio'] }).lacks).toEqual(['audio']);
  });

  test('keeps requests away or is left out as the file says', () => {
    const unless = lacking({}).policy;
    expect(featuresIn(unless.dropped)).toEqual([
      'parallelTools',
      'schemas',
      'developerRole',
      'reasoning',
      'thinking.enabled',
      'thinking.adaptive',
    ]);
    expect([unless.kept.size, unless.left.size]).toEqual([0, 0]);
    const said = lacking(
      {},
      { features: { images: 'drop', schemas: 'refuse' }, parameters: { seed: 'refuse', n: 'drop' } },
    ).policy;
    expect([hasFeature(said.dropped, 'images'), hasFeature(said.dropped, 'schemas')]).toEqual([true, false]);
    expect([[...said.kept], [...said.left]]).toEqual([['seed', 'response_format'], ['n']]);
  });
});
