import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { issueServiceAccount } from '../../test/rigs/serviceAccount.ts';
import { formatFault } from '../config/index.ts';
import { contractOf, fulfilmentWindows } from '../contracts/index.ts';
import { parseRatio } from '../kernel/index.ts';
import type { KnownThings } from './checkConfiguration.ts';
import { knownThings, readPriceBook } from './knownThings.ts';
import { machineClock } from './machine.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { loadConfiguration, secretOf } from './loadConfiguration.ts';
import type { LoadedConfiguration, LoadingContext } from './loadConfiguration.ts';

const pathTo = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

const example = (name: string): string => readFileSync(pathTo(`examples/${name}`), 'utf8');

/** Every variable that a file asks for, with a value. */
const envOf = (text: string): Record<string, string> =>
  Object.fromEntries([...text.matchAll(/\$\{env:(\w+)\}/g)].map(([, name = '']) => [name, `value-of-${name}`]));

const known: KnownThings = {
  wires: ['openai', 'anthropic', 'bedrock'],
  nowMs: Date.UTC(2026, 0, 15),
};

const contextOf = (text: string, changes: Partial<LoadingContext> = {}): LoadingContext => ({
  env: envOf(text),
  readFile: () => {
    throw new Error('no file here');
  },
  known,
  ...changes,
});

const load = (text: string, changes: Partial<LoadingContext> = {}) =>
  loadConfiguration({ text, file: 'f.yaml' }, contextOf(text, changes));

const loaded = (text: string, changes: Partial<LoadingContext> = {}): LoadedConfiguration => {
  const result = load(text, changes);
  if (!result.ok) throw new Error(result.fault.map(formatFault).join('\n'));
  return result.value;
};

const faultsOf = (text: string, changes: Partial<LoadingContext> = {}): readonly string[] => {
  const result = load(text, changes);
  return result.ok ? [] : result.fault.map(formatFault);
};

const warningsOf = (text: string, changes: Partial<LoadingContext> = {}): readonly string[] =>
  loaded(text, changes).warnings.map(formatFault);

/** The smallest file, with what a test adds or replaces. */
const fileWith = (sections: Record<string, string> = {}): string => {
  const all: Record<string, string> = {
    version: '1',
    providers:
      '{ a: { wire: openai, vendor: north, baseUrl: "https://a.example/v1", credentials: { apiKey: "${env:A}" }, host: one } }',
    models: '{ m: { deployments: [{ provider: a, model: x }] } }',
    ...sections,
  };
  return Object.entries(all)
    .map(([key, value]) => `${key}: ${value}\n`)
    .join('');
};

const hashA = `sha256:${'a'.repeat(64)}`;
const hashB = `sha256:${'b'.repeat(64)}`;

describe('the examples', () => {
  test.each(['archipel.yaml', 'reference.yaml', 'pme/archipel.yaml', 'openai-2025/archipel.yaml'])(
    '%s is valid',
    (name) => {
      const text = example(name);
      expect(faultsOf(text)).toEqual([]);
      expect(warningsOf(text).filter((warning) => !/not part of this version/.test(warning))).toEqual([]);
    },
  );

  test.each(['archipel.yaml', 'reference.yaml', 'pme/archipel.yaml', 'openai-2025/archipel.yaml'])(
    '%s refuses to start without its secrets',
    (name) => {
      const text = example(name);
      const faults = faultsOf(text, { env: {} });
      expect(faults).toHaveLength(text.match(/\$\{env:/g)?.length ?? 0);
      expect(faults.every((fault) => fault.includes('is not set'))).toBe(true);
    },
  );

  test.each(['reference.yaml', 'openai-2025/archipel.yaml'])('the 38 billion dollars of %s are exact', (name) => {
    const pool = loaded(example(name)).configuration.contracts.find(({ id }) => id === 'aws-2025');
    expect(pool?.kind === 'pool' && pool.usd).toBe(38_000_000_000_000_000_000n);
    expect(pool?.period).toEqual({ from: '2025-11-03', until: '2032-11-03' });
  });

  test('what is due each year under the 38 billion adds up to them', () => {
    const [pool] = loaded(example('reference.yaml')).configuration.contracts.map(contractOf);
    const windows = pool?.kind === 'pool' ? fulfilmentWindows(pool) : [];
    expect(windows).toHaveLength(7);
    expect(windows.reduce((sum, { dueNanoUsd }) => sum + dueNanoUsd, 0n)).toBe(38_000_000_000_000_000_000n);
  });

  test('every assumption and every figure of the public contracts is marked', () => {
    for (const line of example('openai-2025/archipel.yaml').split('\n')) {
      if (!/^ {4}(usd|period|fulfil|shortfall|discount):/.test(line)) continue;
      expect(line).toMatch(/# .*(assumption|20\d\d|reported)/);
    }
  });
});

describe('the reference file', () => {
  const configuration: ArchipelConfiguration = loaded(example('reference.yaml')).configuration;

  test('keeps caps and discounts exact', () => {
    expect(configuration.policy.concentration.vendor).toEqual(parseRatio('0.45'));
    expect(configuration.policy.concentration.host).toEqual(parseRatio('0.6'));
    expect(configuration.contracts[0]?.discount).toEqual(parseRatio('0.22'));
  });

  test('says every default of the limits as the program has it', () => {
    expect(configuration.limits).toEqual(loaded(fileWith()).configuration.limits);
  });

  test('has every section and every limit that the schema knows', () => {
    const written = new Set(example('reference.yaml').match(/^[a-zA-Z]+(?=:)/gm));
    expect(Object.keys(configuration).filter((key) => !written.has(key))).toEqual([]);
    expect(Object.keys(configuration.limits).filter((key) => !example('reference.yaml').includes(`${key}:`))).toEqual(
      [],
    );
  });

  test('reads prices per bucket', () => {
    const [, , bedrock] = configuration.models.get('chat-large')?.deployments ?? [];
    expect(bedrock?.price).toEqual({ input: 3_000_000_000n, output: 15_000_000_000n });
  });
});

test('the smallest file has every default filled in', () => {
  const { configuration } = loaded(fileWith());
  expect(configuration).toMatchObject({
    timeZone: 'UTC',
    listen: { host: '127.0.0.1', port: 8787 },
    admin: { listen: { host: '127.0.0.1', port: 8788 }, keys: [] },
    store: { url: null },
    dataDir: './data',
    ledger: { durability: 'group' },
    contracts: [],
    policy: {
      objective: 'cost',
      concentration: { vendor: null, host: null, jurisdiction: null, lab: null, basis: 'spend', window: 'month' },
      resilience: null,
      midStream: 'safe',
      failover: { contentPolicy: false },
      cacheIsolation: 'team',
      unpriced: { kind: 'refuse' },
    },
    keys: [],
    limits: { bodyBytes: 33_554_432, attempts: 3, pingMs: 10_000, firstByteReasoningMs: 600_000 },
  });
  expect([...configuration.organisations.keys()]).toEqual(['default']);
  const undefinedValues = JSON.stringify(configuration, (_, value: unknown) => {
    if (value === undefined) return 'UNDEFINED';
    return typeof value === 'bigint' ? String(value) : value;
  });
  expect(undefinedValues).not.toContain('UNDEFINED');
});

describe('secrets', () => {
  test('are found again by their reference', () => {
    const { configuration, secrets } = loaded(fileWith());
    const reference = configuration.providers[0]?.credentials.apiKey;
    expect(reference && secretOf(secrets, reference)?.reveal()).toBe('value-of-A');
  });

  test('an empty one refuses to start, wherever it stands [A23]', () => {
    expect(faultsOf(fileWith(), { env: { A: ' ' } })[0]).toMatch(/^f\.yaml:2:\d+: the environment variable A is empty/);
    const withStore = fileWith({ store: '{ url: "${env:B}" }' });
    expect(faultsOf(withStore, { env: { A: 'x', B: '' } })[0]).toMatch(
      /^f\.yaml:4:\d+: the environment variable B is empty/,
    );
  });

  test('a credential left empty in the file is no credential left out', () => {
    const text = fileWith({
      providers: '{ a: { wire: openai, vendor: n, baseUrl: "https://a.example", credentials: { apiKey: } } }',
    });
    expect(faultsOf(text)[0]).toContain('expected a reference to a secret, found nothing');
  });
});

describe('names that must exist', () => {
  test.each<[section: string, value: string, fault: string]>([
    ['models', '{ m: { deployments: [{ provider: a, model: "x/../../y" }] } }', 'expected the name of a model'],
    ['models', '{ m: { deployments: [{ provider: b, model: x }] } }', 'no provider has this name, did you mean "a"?'],
    [
      'models',
      '{ m: { deployments: [{ provider: elsewhere, model: x }] } }',
      'no provider has this name, choose one of a',
    ],
    [
      'providers',
      '{ a: { wire: opnai, vendor: n, baseUrl: "https://a.example", credentials: { apiKey: "${env:A}" } } }',
      'no wire has this name, did you mean "openai"?',
    ],
    [
      'providers',
      '{ a: { wire: openai, alsoSpeaks: [respones], vendor: n, baseUrl: "https://a.example", credentials: { apiKey: "${env:A}" } } }',
      'no wire that can stand beside this one has this name, did you mean "responses"?',
    ],
    [
      'providers',
      '{ a: { wire: anthropic, alsoSpeaks: [responses], vendor: n, baseUrl: "https://a.example", credentials: { apiKey: "${env:A}" } } }',
      'no wire that can stand beside this one has this name, leave it out: nothing can stand beside this wire',
    ],
    [
      'contracts',
      '[{ id: c, vendor: n, kind: pool, usd: "1", period: [2026-01-01, 2027-01-01], covers: [{ provider: zzzz }] }]',
      'no provider has this name',
    ],
    [
      'contracts',
      '[{ id: c, vendor: n, kind: pool, usd: "1", period: [2026-01-01, 2027-01-01], covers: [{ site: zzzz }] }]',
      'no site has this name, define the site',
    ],
    ['keys', `[{ name: k, hash: "${hashA}", team: nobody }]`, 'no team has this name, define the team'],
    ['teams', '{ t: { organisation: acme } }', 'no organisation has this name, choose one of default'],
  ])('%s: %s', (section, value, fault) => {
    expect(faultsOf(fileWith({ [section]: value })).join('\n')).toContain(fault);
  });

  test.each<[rules: string, fault: string]>([
    ['[{ path: /files, methods: [GET], usdPerRequest: "0", model: n }]', 'no model has this name, did you mean "m"?'],
    ['[{ path: /files, methods: [GET] }]', '"usdPerRequest" is missing'],
    ['[{ path: /files, methods: [], usdPerRequest: "0" }]', 'a rule without methods'],
    ['[{ path: /files, methods: [TRACE], usdPerRequest: "0" }]', 'expected one of GET, POST, PUT, PATCH, DELETE'],
    ...['files', '/', '/files/', '/a//b', '/../b', '/a/.', '/a/**/b', '/a**', '/*a*', '/a%2fb', '/a?b=c', '/a b'].map(
      (path): [string, string] => [
        `[{ path: "${path}", methods: [GET], usdPerRequest: "0" }]`,
        'expected a path under baseUrl',
      ],
    ),
    ...[
      '/chat/completions',
      '/Responses',
      '/v1/messages',
      '/models/*:generateContent',
      '/model/*/converse',
      '/*/embeddings',
    ].map((path): [string, string] => [
      `[{ path: "${path}", methods: [POST], usdPerRequest: "1" }]`,
      'a path that is served here itself, add a model with a deployment there instead',
    ]),
    [
      '[{ path: /files, methods: [GET, POST], usdPerRequest: "0" }, { path: /files, methods: [POST], usdPerRequest: "1" }]',
      'a rule for what an earlier one is about, keep one of the two',
    ],
  ])('of the paths that are handed on: %s', (rules, fault) => {
    const providers = `{ a: { wire: openai, vendor: n, baseUrl: "https://a.example", credentials: { apiKey: "\${env:A}" }, passthrough: ${rules} } }`;
    expect(faultsOf(fileWith({ providers })).join('\n')).toContain(fault);
  });

  test('all paths together, for nothing, are warned of where something is sent there', () => {
    const warned = (rule: string): string =>
      warningsOf(
        fileWith({
          providers: `{ a: { wire: openai, vendor: n, baseUrl: "https://a.example/v1", credentials: { apiKey: "\${env:A}" }, passthrough: [${rule}] } }`,
        }),
      ).join('\n');
    const words = 'whatever is sent there counts as free';
    expect(warned('{ path: "/**", methods: [GET, POST], usdPerRequest: "0" }')).toContain(words);
    expect(warned('{ path: "/**", methods: [GET], usdPerRequest: "0" }')).not.toContain(words);
    expect(warned('{ path: "/files/**", methods: [POST], usdPerRequest: "0" }')).not.toContain(words);
    expect(warned('{ path: "/**", methods: [POST], usdPerRequest: "0.01" }')).not.toContain(words);
  });

  test('a key names models of the file', () => {
    const text = fileWith({ teams: '{ t: {} }', keys: `[{ name: k, hash: "${hashA}", team: t, models: [m, n] }]` });
    expect(faultsOf(text)).toEqual(['f.yaml:5:121: no model has this name, did you mean "m"?']);
  });

  test('a fault does not repeat what was written', () => {
    expect(
      faultsOf(fileWith({ models: '{ m: { deployments: [{ provider: sk-canary-9, model: x }] } }' })).join(),
    ).not.toContain('canary');
  });
});

describe('budgets', () => {
  const withTeam = (team: string): string => fileWith({ teams: `{ t: ${team} }` });
  const teamOf = (text: string) => loaded(text).configuration.teams.get('t')!;

  test('may be several of one holder, over rolling windows and of some models', () => {
    const text =
      '{ budget: { usd: 5 }, budgets: [{ usd: 1, window: { rolling: 24h } }, { name: big, usd: "0.5", window: day, models: [m, "gpt-*"] }] }';
    expect(teamOf(withTeam(text))).toMatchObject({
      budget: { usd: 5_000_000_000n, window: 'month', models: null },
      budgets: [
        { name: '24h', usd: 1_000_000_000n, window: 'rolling 86400s', hard: true, models: null },
        { name: 'big', usd: 500_000_000n, window: 'day', models: ['m', 'gpt-*'] },
      ],
    });
  });

  test.each([
    ['{ budgets: [{ usd: 1, window: day }, { usd: 2, window: day }] }', 'two budgets have the same name'],
    ['{ budget: { usd: 1, models: [mm] } }', 'no model has this name'],
    ['{ budget: { usd: 1, window: { rolling: 30s } } }', 'window'],
    ['{ budget: { usd: 1, window: { rolling: 367d } } }', 'window'],
    ['{ budget: { usd: 1, window: fortnight } }', '{ rolling: 24h }'],
  ])('are refused as %s', (team, words) => {
    expect(faultsOf(withTeam(team)).join()).toContain(words);
  });
});

describe('keys', () => {
  const withKeys = (...keys: string[]): string => fileWith({ teams: '{ t: {} }', keys: `[${keys.join(', ')}]` });

  test('two of one name are refused', () => {
    const text = withKeys(`{ name: k, hash: "${hashA}", team: t }`, `{ name: k, hash: "${hashB}", team: t }`);
    expect(faultsOf(text)[0]).toContain('two keys have the same name');
  });

  test('one key twice is refused, also across both planes and in either case of its digits', () => {
    const upper = `sha256:${'A'.repeat(64)}`;
    const text = withKeys(`{ name: k, hash: "${hashA}", team: t }`, `{ name: l, hash: "${upper}", team: t }`);
    expect(faultsOf(text)[0]).toContain('two entries are for the same key');
    const across = `${withKeys(`{ name: k, hash: "${hashA}", team: t }`)}admin: { keys: [{ name: ops, hash: "${hashA}", role: owner }] }\n`;
    expect(faultsOf(across)[0]).toContain('two entries are for the same key');
  });

  test.each(['aaaa', `sha256:${'a'.repeat(63)}`, `sha512:${'a'.repeat(64)}`, 'sk-archipel-canary'])(
    '%s is no hash, and is not shown',
    (hash) => {
      const faults = faultsOf(withKeys(`{ name: k, hash: "${hash}", team: t }`)).join();
      expect(faults).toContain('expected the hash of a key');
      expect(faults).not.toContain(hash);
    },
  );

  test('one that has expired is told, and loads', () => {
    const text = withKeys(`{ name: k, hash: "${hashA}", team: t, expires: 2026-01-15 }`);
    expect(warningsOf(text)).toEqual([expect.stringContaining('a key that has expired')]);
    expect(warningsOf(text.replace('2026-01-15', '2026-01-16'))).toEqual([]);
  });
});

describe('pools', () => {
  const pool = (id: string, period: string, cover: string, more = ''): string =>
    `{ id: ${id}, vendor: north, kind: pool, usd: "100", period: ${period}, covers: [${cover}]${more} }`;
  const withContracts = (...contracts: string[]): string => fileWith({ contracts: `[${contracts.join(', ')}]` });

  test('one at a time covers a thing', () => {
    const faults = faultsOf(
      withContracts(
        pool('one', '[2026-01-01, 2027-01-01]', '{ provider: a }'),
        pool('two', '[2026-12-31, 2027-06-01]', '{ provider: a, model: x }'),
      ),
    );
    expect(faults).toHaveLength(1);
    expect(faults[0]).toMatch(/^f\.yaml:4:\d+: covers at the same time what the pool one covers/);
  });

  test('one may begin on the day on which the other ends', () => {
    const text = withContracts(
      pool('one', '[2026-01-01, 2027-01-01]', '{ provider: a }'),
      pool('two', '[2027-01-01, 2028-01-01]', '{ provider: a }'),
    );
    expect(faultsOf(text)).toEqual([]);
  });

  test('a list of endpoints and a member of it are the same thing', () => {
    const member = (name: string): string =>
      `{ name: ${name}, wire: openai, vendor: north, baseUrl: "https://${name}.example", credentials: { apiKey: "\${env:A}" } }`;
    const text = fileWith({
      providers: `{ a: [${member('p')}, ${member('q')}] }`,
      contracts: `[${pool('one', '[2026-01-01, 2027-01-01]', '{ provider: a }')}, ${pool('two', '[2026-01-01, 2027-01-01]', '{ provider: a.q }')}]`,
    });
    expect(faultsOf(text)[0]).toContain('covers at the same time');
  });

  test('the shares of a ramp add up to 1, one for each true-up', () => {
    const ramp = (shares: string): string =>
      withContracts(pool('one', '[2026-01-01, 2029-01-01]', '{ provider: a }', `, fulfil: annual, ramp: ${shares}`));
    expect(faultsOf(ramp('[0.1, 0.2, 0.7]'))).toEqual([]);
    expect(faultsOf(ramp('[0.1, 0.2, 0.6]'))[0]).toContain('add up to');
    expect(faultsOf(ramp('[0.5, 0.5]'))[0]).toContain('2 shares for 3 true-ups');
  });

  test('a period in the wrong order, or of no day, is refused', () => {
    expect(faultsOf(withContracts(pool('one', '[2027-01-01, 2026-01-01]', '{ provider: a }')))[0]).toContain(
      'ends before it begins',
    );
    expect(faultsOf(withContracts(pool('one', '[2027-01-01, 2027-01-01]', '{ provider: a }')))[0]).toContain(
      'ends before it begins',
    );
  });

  test('a slot beyond what its sites list is told', () => {
    const text = fileWith({
      sites: '{ s: { executor: local, vendor: north, host: one, accelerators: [{ kind: GB200, count: 8 }] } }',
      contracts:
        '[{ id: c, vendor: north, kind: slot, accelerator: GB200, count: 9, period: [2026-01-01, 2027-01-01], covers: [{ site: s }] }]',
    });
    expect(warningsOf(text)).toEqual([expect.stringContaining('its sites list 8 of the 9 accelerators')]);
  });
});

describe('terms of contracts that do not fit', () => {
  const contractOfLines = (...lines: readonly string[]): string =>
    fileWith({
      contracts: [
        '',
        '  - id: c',
        '    vendor: north',
        '    covers: [{ provider: a }]',
        '    period: [2026-01-01, 2029-01-01]',
      ]
        .concat(lines.map((line) => `    ${line}`))
        .join('\n'),
    });
  const pool = (...lines: readonly string[]): string => contractOfLines('kind: pool', 'usd: "300"', ...lines);
  const floor = (...lines: readonly string[]): string => contractOfLines('kind: floor', ...lines);

  test.each<[string, string, RegExp]>([
    [
      'milestones out of order',
      pool('milestones:', '  - { by: 2028-01-01, usd: "200" }', '  - { by: 2027-01-01, usd: "250" }'),
      /^f\.yaml:13:15: .*not after the one before.*order of their days/s,
    ],
    [
      'a milestone beyond the period',
      pool('milestones:', '  - { by: 2030-01-01, usd: "200" }'),
      /^f\.yaml:12:15: .*beyond the period/,
    ],
    [
      'a milestone below the one before it',
      pool('milestones:', '  - { by: 2027-01-01, usd: "200" }', '  - { by: 2028-01-01, usd: "100" }'),
      /^f\.yaml:13:32: .*since the contract began/,
    ],
    [
      'a milestone beyond the commitment',
      pool('milestones: [{ by: 2027-01-01, usd: "301" }]'),
      /^f\.yaml:11:41: .*beyond the whole commitment/,
    ],
    [
      'milestones beside a calendar',
      pool('fulfil: annual', 'milestones: [{ by: 2027-01-01, usd: "100" }]'),
      /^f\.yaml:11:13: .*beside milestones/,
    ],
    [
      'milestones beside a carry-forward',
      pool('carryForward: {}', 'milestones: [{ by: 2027-01-01, usd: "100" }]'),
      /^f\.yaml:11:19: .*carried forward already/,
    ],
    ['a rollover with nowhere to go', pool('rollover: { months: 12 }'), /^f\.yaml:11:15: nothing can move on.*fulfil/],
    [
      'money of a product that is not covered',
      pool('elsewhere: [{ product: m, usd: "5", period: [2026-01-01, 2027-01-01] }]'),
      /^f\.yaml:11:28: a product that the contract does not cover/,
    ],
    [
      'money of another time',
      pool('elsewhere: [{ usd: "5", period: [2025-01-01, 2026-02-01] }]'),
      /^f\.yaml:11:37: spent when the contract is not in force/,
    ],
    [
      'a burndown below nothing',
      floor('unit: ptu', 'quantity: 1', 'tokensPerUnit: 2500', 'burndown: { input: -1 }'),
      /^f\.yaml:13:24: expected a rate/,
    ],
    [
      'a burndown beyond reason',
      floor('unit: ptu', 'quantity: 1', 'tokensPerUnit: 2500', 'burndown: { output: 4000 }'),
      /^f\.yaml:13:25: more than 1000 for one token/,
    ],
    [
      'a burndown of nothing',
      floor('unit: tokensPerMinute', 'quantity: 1', 'burndown: { input: 0 }', 'fee: { usd: 1, per: hour }'),
      /^f\.yaml:12:15: no token counts anything/,
    ],
    [
      'a unit that nothing says the size of',
      floor('unit: gsu', 'quantity: 1', 'fee: { usd: 1, per: hour }'),
      /^f\.yaml:5:5: nothing says what one unit takes.*a second/,
    ],
    ['tokens without a price', floor('unit: tokensPerMinute', 'quantity: 1000'), /^f\.yaml:5:5: "fee" is missing/],
    [
      'tokens in a floor of dollars',
      floor('unit: usdPerHour', 'quantity: 1', 'burndown: { input: 1 }'),
      /^f\.yaml:12:15: this floor is counted in dollars/,
    ],
    [
      'a quantity beside meters',
      floor(
        'unit: tokensPerMinute',
        'quantity: 1',
        'fee: { usd: 1, per: hour }',
        'meters: [{ name: input, quantity: 5, burndown: { input: 1 } }]',
      ),
      /^f\.yaml:11:15: a quantity beside meters/,
    ],
    [
      'an interval that is no multiple',
      floor('unit: tokensPerMinute', 'quantity: 1', 'fee: { usd: 1, per: hour }', 'intervalSeconds: 90'),
      /^f\.yaml:13:22: not a whole number/,
    ],
    ['a floor of nobody knows how much', floor('unit: usdPerHour'), /^f\.yaml:5:5: "quantity" is missing/],
  ])('%s', (_, text, fault) => {
    expect(faultsOf(text)).toContainEqual(expect.stringMatching(fault));
  });
});

describe('embeddings', () => {
  const space = 'space: { model: embed-3, dimensions: 8 }';

  test('stay in one vector space', () => {
    expect(
      faultsOf(fileWith({ models: `{ m: { ${space}, deployments: [{ provider: a, model: embed-3 }] } }` })),
    ).toEqual([]);
    expect(
      faultsOf(fileWith({ models: `{ m: { ${space}, deployments: [{ provider: a, model: embed-4 }] } }` }))[0],
    ).toContain("outside this model's vector space");
  });

  test('a deployment under another name says that it is the same space', () => {
    const other = (dimensions: number): string =>
      fileWith({
        models: `{ m: { ${space}, deployments: [{ provider: a, model: their-embed, space: { model: embed-3, dimensions: ${dimensions} } }] } }`,
      });
    expect(faultsOf(other(8))).toEqual([]);
    expect(faultsOf(other(9))[0]).toContain("outside this model's vector space");
  });

  test('say which space it is', () => {
    expect(
      faultsOf(fileWith({ models: '{ m: { deployments: [{ provider: a, model: text-embedding-3-small }] } }' }))[0],
    ).toContain('"space" is missing');
  });
});

describe('providers', () => {
  const withProvider = (changes: string): string =>
    fileWith({ providers: `{ a: { wire: openai, vendor: north, credentials: { apiKey: "\${env:A}" }, ${changes} } }` });

  test('a list of them is benched apart, each under a name of its own', () => {
    const member = (name: string): string =>
      `{ name: ${name}, wire: openai, vendor: north, baseUrl: "https://x.example", credentials: { apiKey: "\${env:A}" } }`;
    const text = fileWith({ providers: `{ a: [${member('p')}, ${member('q')}] }` });
    expect(loaded(text).configuration.providers.map(({ name, group, member: at }) => [name, group, at])).toEqual([
      ['a.p', 'a', 0],
      ['a.q', 'a', 1],
    ]);
    expect(faultsOf(text.replace('name: q', 'name: p'))[0]).toContain('two members of this list have the same name');
  });

  test('one that would call us is refused', () => {
    expect(faultsOf(withProvider('baseUrl: "http://localhost:8787/v1"'))[0]).toMatch(
      /^f\.yaml:2:\d+: an address that this program listens on itself/,
    );
    expect(faultsOf(withProvider('baseUrl: "http://localhost:8788/v1"'))[0]).toContain('listens on itself');
    expect(faultsOf(withProvider('baseUrl: "http://localhost:8789/v1"'))).toEqual([]);
  });

  test('http goes to machines of one own only', () => {
    expect(faultsOf(withProvider('baseUrl: "http://models.example/v1"'))[0]).toContain('http to a public address');
    expect(faultsOf(withProvider('baseUrl: "http://models.example/v1", host: self'))).toEqual([]);
  });

  test('one without an address has that of its profile, or is refused', () => {
    const knowing = (defaultBaseUrl: () => string | null) => ({ known: { ...known, defaultBaseUrl } });
    expect(
      faultsOf(
        withProvider('host: one'),
        knowing(() => 'https://north.example'),
      ),
    ).toEqual([]);
    expect(
      faultsOf(
        withProvider('host: one'),
        knowing(() => null),
      )[0],
    ).toContain('"baseUrl" is missing');
  });

  test('one whose vendor has an address a region needs the region, or the address', () => {
    const known = knownThings(readPriceBook(), machineClock);
    const file = (more: string): string =>
      fileWith({
        providers: `{ a: { wire: bedrock, vendor: aws, ${more} credentials: { apiKey: "\${env:A}" }, host: aws } }`,
        models: '{ m: { deployments: [{ provider: a, model: x, price: { inputPerMTok: "1", outputPerMTok: "1" } }] } }',
      });
    expect(faultsOf(file(''), { known })[0]).toContain('"region" says no address, and "baseUrl" is missing');
    expect(faultsOf(file('region: "eu west",'), { known })[0]).toContain('"region" says no address');
    expect(faultsOf(file('region: eu-west-3,'), { known })).toEqual([]);
    expect(faultsOf(file('baseUrl: "https://a.example",'), { known })).toEqual([]);
  });

  test('one whose vendor has an address a project needs the project, too', () => {
    const thingsKnown = { known: knownThings(readPriceBook(), machineClock) };
    const file = (more: string): string =>
      fileWith({
        providers: `{ a: { wire: vertex, vendor: google, ${more} credentials: { apiKey: "\${env:A}" }, host: google } }`,
        models: '{ m: { deployments: [{ provider: a, model: x, price: { inputPerMTok: "1", outputPerMTok: "1" } }] } }',
      });
    for (const more of ['', 'region: global,', 'account: ours,', 'region: global, account: "a/b",'])
      expect(faultsOf(file(more), thingsKnown)[0]).toContain('"region" and "account" say no address');
    expect(faultsOf(file('region: global, account: ours,'), thingsKnown)).toEqual([]);
  });

  test('the key of a service account is read before the file is taken, and a fault shows nothing of it', () => {
    const text = withProvider('baseUrl: "https://a.example", host: one').replace(
      'apiKey: "${env:A}"',
      'serviceAccount: "${file:/run/secrets/account.json}"',
    );
    const faultsWith = (document: string): readonly string[] => faultsOf(text, { readFile: () => document });
    expect(faultsWith(issueServiceAccount().document)).toEqual([]);
    const [fault] = faultsWith('{ "type": "external_account", "token": "canary-8d1f" }');
    expect(fault).toContain(
      'what ${file:/run/secrets/account.json} refers to is JSON, but no key of a service account',
    );
    expect(fault).not.toContain('canary');
    expect(faultsWith('')[0]).toContain('is empty');
  });

  test('a key to sign with has two halves and a region', () => {
    const one = (credentials: string, region = ''): readonly string[] =>
      faultsOf(
        withProvider(`baseUrl: "https://a.example", host: one, ${region}`).replace('apiKey: "${env:A}"', credentials),
      );
    const halves = 'accessKeyId: "${env:A}", secretAccessKey: "${env:B}"';
    expect(one('accessKeyId: "${env:A}"', 'region: eu-west-3,')[0]).toContain('one half of a signing key');
    expect(one('sessionToken: "${env:A}"', 'region: eu-west-3,')[0]).toContain('one half of a signing key');
    expect(one(halves)[0]).toContain('"region" is missing, which a signature must hold');
    expect(one(halves, 'region: eu-west-3,')).toEqual([]);
  });

  test('the shares of its hosts are at most 1, and should be 1', () => {
    const hosts = (one: string, two: string): string =>
      withProvider(`baseUrl: "https://a.example", host: [{ name: one, share: ${one} }, { name: two, share: ${two} }]`);
    expect(faultsOf(hosts('0.6', '0.5'))[0]).toContain('add up to more than 1');
    expect(warningsOf(hosts('0.6', '0.3'))[0]).toContain('add up to less than 1');
    expect(warningsOf(hosts('0.6', '0.4'))).toEqual([]);
    expect(warningsOf(hosts('0.6', 'unknown'))).toEqual([]);
  });

  test('a public one without credentials is told', () => {
    const text = fileWith({ providers: '{ a: { wire: openai, vendor: north, baseUrl: "https://a.example" } }' });
    expect(warningsOf(text)).toEqual([expect.stringContaining('a public endpoint without credentials')]);
  });

  test('an unknown wire is refused', () => {
    const text = fileWith().replace('wire: openai', 'wire: telepathy');
    expect(faultsOf(text)[0]).toContain('no wire has this name');
  });
});

describe('the whole', () => {
  test('a file without providers or models is refused: it can serve nobody', () => {
    expect(faultsOf(fileWith({ providers: '{}', models: '{}' })).map((fault) => fault.slice(0, 40))).toEqual([
      'f.yaml:2:12: no provider at all, define ',
      'f.yaml:3:9: no model at all, define at l',
    ]);
  });

  test('the two planes have a port each', () => {
    expect(faultsOf(fileWith({ listen: '{ port: 8788 }' }))[0]).toContain('both listeners have the same port');
  });

  test('a control plane that other machines reach is told', () => {
    expect(warningsOf(fileWith({ admin: '{ listen: { host: 0.0.0.0 } }' }))[0]).toContain(
      'can be reached from other machines',
    );
  });

  test('caps are above 0 and up to 1', () => {
    const cap = (written: string): string => fileWith({ policy: `{ concentration: { vendor: ${written} } }` });
    expect(faultsOf(cap('1.0'))).toEqual([]);
    expect(faultsOf(cap('0'))[0]).toContain('a cap of 0 allows nothing');
    expect(faultsOf(cap('1.01'))[0]).toContain('expected a share from 0 to 1');
    expect(faultsOf(cap('-0.5'))[0]).toContain('expected a share from 0 to 1');
  });

  test('promises that cannot be kept are told', () => {
    expect(warningsOf(fileWith({ policy: '{ concentration: { vendor: 0.45 } }' }))[0]).toContain(
      'a cap that 1 vendors together cannot keep',
    );
    expect(warningsOf(fileWith({ policy: '{ resilience: { lostVendors: 1 } }' }))[0]).toContain(
      'nothing is left to serve',
    );
  });

  test('a deployment without any price is told where it would be refused', () => {
    const unpriced = { known: { ...known, isPriced: () => false } };
    expect(warningsOf(fileWith(), unpriced)).toEqual([
      expect.stringContaining('no price is known for this deployment'),
    ]);
    expect(warningsOf(fileWith({ policy: '{ unpriced: flag }' }), unpriced)).toEqual([]);
    expect(
      warningsOf(
        fileWith({ models: '{ m: { deployments: [{ provider: a, model: x, price: { inputPerMTok: "0" } }] } }' }),
        unpriced,
      ),
    ).toEqual([]);
  });
});
