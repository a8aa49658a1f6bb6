import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { formatFault } from '../config/index.ts';
import type { PortfolioReading } from '../planner/index.ts';
import { openPortfolio } from './openPortfolio.ts';

const cwd = mkdtempSync(join(tmpdir(), 'archipel-from-'));
mkdirSync(join(cwd, 'deal'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const configuration = `version: 1
providers:
  north: { wire: openai, vendor: north, baseUrl: https://north.example/v1, credentials: { apiKey: "\${env:NEVER_SET}" }, host: one, jurisdiction: US }
  south: { wire: anthropic, vendor: south, baseUrl: https://south.example, credentials: { apiKey: "\${env:NEVER_SET}" }, host: two, jurisdiction: EU, dependsOn: [power] }
models:
  chat:
    deployments:
      - { provider: north, model: big-1, lab: a, price: { inputPerMTok: "1", outputPerMTok: "2" } }
      - { provider: south, model: b-9, lab: b, price: { inputPerMTok: "1", outputPerMTok: "2" } }
  code:
    deployments:
      - { provider: north, model: small-1, lab: a, price: { inputPerMTok: "1", outputPerMTok: "2" } }
contracts:
  - { id: north-2027, vendor: north, covers: [{ provider: north }], kind: pool, usd: "38000000.000000001", period: [2027-01-01, 2029-01-01], fulfil: annual, ramp: [0.4, 0.6], discount: "0.22" }
  - { id: lane, vendor: south, covers: [{ provider: south, model: b-9 }], kind: floor, unit: usdPerMinute, quantity: "0.05", period: [2027-01-01, 2028-01-01], fee: { usd: "1500", per: month } }
policy:
  concentration: { vendor: 0.7, host: 0.8, jurisdiction: 0.9 }
  resilience: { lostVendors: 1, servedShare: 0.5 }
`;

const portfolio = (more = '', currency = 'USD'): string => `version: 1
from: ./archipel.yaml
currency: ${currency}
horizon: { from: 2027-01-01, periods: 2 }
vendors: { north: {}, south: {} }
classes: { chat: { demand: { start: 100 } }, code: { demand: { start: 100 }, substitutes: [chat] } }
sources:
  - { vendor: north, class: chat, price: { perMTok: "2" } }
  - { vendor: north, class: code, price: { perMTok: "2" } }
  - { vendor: south, class: chat, price: { perMTok: "3" } }
${more}`;

const write = (name: string, text: string): void => writeFileSync(join(cwd, 'deal', name), text);

const file = join('deal', 'portfolio.yaml');

const read = async (text: string, other: string | null = configuration): Promise<PortfolioReading> => {
  write('portfolio.yaml', text);
  if (other !== null) write('archipel.yaml', other);
  const reading = await openPortfolio({ file, cwd });
  if (!reading.ok) throw new Error(reading.fault.map(formatFault).join('\n'));
  return reading.value;
};

const faultsOf = async (text: string, other: string = configuration): Promise<readonly string[]> => {
  write('portfolio.yaml', text);
  write('archipel.yaml', other);
  const reading = await openPortfolio({ file, cwd });
  return reading.ok ? [] : reading.fault.map(formatFault);
};

const ratio = (numerator: bigint, denominator: bigint) => ({ numerator, denominator });

describe('a portfolio that takes over from an archipel.yaml beside it', () => {
  test('keeps its contracts to the last digit, in its own words', async () => {
    const { portfolio: taken, from, warnings } = await read(portfolio());
    expect(warnings).toEqual([]);
    expect(from).toEqual({ file: join('deal', 'archipel.yaml'), hash: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(taken.contracts).toMatchObject([
      {
        id: 'north-2027',
        vendor: 'north',
        kind: 'pool',
        covers: [],
        amount: ratio(38_000_000_000_000_001n, 1_000_000_000n),
        period: { from: '2027-01-01', until: '2029-01-01' },
        fulfil: 'annual',
        ramp: [ratio(4n, 10n), ratio(6n, 10n)],
        discount: ratio(22n, 100n),
      },
      { id: 'lane', vendor: 'south', kind: 'floor', unit: { kind: 'moneyPerMinute' }, quantity: ratio(5n, 100n) },
    ]);
    // 1,500 a month for 0.05 $ a minute are 30,000 for each dollar a minute.
    const [, lane] = taken.contracts;
    const fee = lane?.kind === 'floor' ? lane.fee?.perMonth : undefined;
    expect(Number(fee?.numerator) / Number(fee?.denominator)).toBe(30_000);
  });

  test('takes caps, what must survive an outage, where vendors run and whose models they sell', async () => {
    const { policy, vendors, sources } = (await read(portfolio())).portfolio;
    expect(policy.concentration).toMatchObject({
      vendor: ratio(7n, 10n),
      host: ratio(8n, 10n),
      jurisdiction: ratio(9n, 10n),
      lab: null,
      basis: 'list',
    });
    expect(policy.resilience).toEqual({
      losses: ['vendor'],
      servedShare: ratio(5n, 10n),
      demandQuantile: ratio(75n, 100n),
    });
    expect([...vendors]).toMatchObject([
      ['north', { host: [{ name: 'one' }], jurisdiction: 'US', dependsOn: [] }],
      ['south', { host: [{ name: 'two' }], jurisdiction: 'EU', dependsOn: ['power'] }],
    ]);
    expect(sources.map(({ lab }) => lab)).toEqual(['a', 'a', 'b']);
  });

  test('takes slots of machines and floors by the hour with what they cost in a month, each for its own source', async () => {
    const machines =
      `${configuration.replace('period: [2027-01-01, 2028-01-01], fee: { usd: "1500", per: month }', 'period: [2027-01-01, 2028-01-01]').replace('usdPerMinute', 'usdPerHour')}sites:
  hall: { executor: slurm, vendor: north, host: one, jurisdiction: US, accelerators: [{ kind: GB200, count: 72 }] }
`.replace(
        'policy:',
        `  - { id: block, vendor: north, covers: [{ site: hall }], kind: slot, accelerator: GB200, count: 72, period: [2027-01-01, 2027-07-01], fee: { usd: "144", per: hour } }
  - { id: gift, vendor: north, covers: [{ site: hall }], kind: slot, accelerator: GB200, count: 8, period: [2027-01-01, 2027-07-01] }
policy:`,
      );
    const training = portfolio()
      .replace('classes: {', 'classes: { training: { unit: gpuHour, servedShareUnderOutage: 0, demand: { start: 9 } },')
      .replace('sources:', 'sources:\n  - { vendor: north, class: training, lab: a, price: { perGpuHour: "3" } }');
    const { portfolio: taken, warnings } = await read(training, machines);
    expect(warnings).toEqual([]);
    const monthly = taken.contracts.map((contract) => {
      const fee = contract.kind === 'pool' ? null : contract.fee?.perMonth;
      return [contract.id, contract.covers, fee ? Number(fee.numerator) / Number(fee.denominator) : null];
    });
    // The pool covers what the endpoints serve, and no machines: 144 an hour for 72 are 2 for each, 730 hours a month.
    expect(monthly).toEqual([
      ['north-2027', ['north/chat', 'north/code'], null],
      ['lane', [], 730],
      ['block', ['north/training'], 1_460],
      ['gift', ['north/training'], 0],
    ]);
  });

  test("gives a contract for one model the class that is called after it, by our name or the vendor's", async () => {
    const narrow = configuration.replace('[{ provider: north }]', '[{ provider: north, model: small-1 }]');
    expect((await read(portfolio(), narrow)).portfolio.contracts[0]?.covers).toEqual(['north/code']);
    const named = portfolio().replaceAll('code', 'small-1');
    expect((await read(named, narrow)).portfolio.contracts[0]?.covers).toEqual(['north/small-1']);
  });

  test('states some things itself, which win', async () => {
    const own = portfolio(`contracts:
  - { id: north-2027, vendor: north, covers: [chat], kind: pool, amount: "38000000.000000001", period: [2027-01-01, 2029-01-01], discount: 0.1 }
policy: { concentration: { vendor: 0.6, lab: 1 }, resilience: { losses: [host], servedShare: 0.2 } }
`).replace('north: {}', 'north: { host: mine }');
    const { contracts, policy, vendors } = (await read(own)).portfolio;
    expect(contracts.map(({ id, covers }) => [id, covers])).toEqual([
      ['north-2027', ['chat']],
      ['lane', []],
    ]);
    expect(policy.concentration).toMatchObject({ vendor: ratio(6n, 10n), host: ratio(8n, 10n), lab: ratio(1n, 1n) });
    expect(policy.resilience).toMatchObject({ losses: ['host'], servedShare: ratio(2n, 10n) });
    expect(vendors.get('north')?.host).toMatchObject([{ name: 'mine' }]);
  });

  test('has a fault where both files tell one paper otherwise, and where money is not of one currency', async () => {
    const other = `contracts:
  - { id: north-2027, vendor: north, kind: pool, amount: "38000001", period: [2027-01-01, 2029-01-01] }
`;
    expect(await faultsOf(portfolio(other))).toEqual([
      `${file}:12:58: it says otherwise than the contract of this id in ${join('deal', 'archipel.yaml')}, one paper has one amount: mend one of the two, or give this contract an id of its own`,
    ]);
    const [euros] = await faultsOf(portfolio('', 'EUR'));
    expect(euros).toContain(`${file}:2:7: contracts of ${join('deal', 'archipel.yaml')} are in US dollars`);
  });

  test('has the contracts written in its own currency where that is not US dollars, as its fault asks for', async () => {
    const other = (period: string): string => `contracts:
  - { id: north-2027, vendor: north, covers: [chat], kind: pool, amount: "35000000", period: ${period} }
  - { id: lane, vendor: south, kind: floor, unit: moneyPerMinute, quantity: "0.046", period: [2027-01-01, 2028-01-01] }
`;
    const { contracts } = (await read(portfolio(other('[2027-01-01, 2029-01-01]'), 'EUR'))).portfolio;
    expect(contracts).toMatchObject([{ id: 'north-2027', amount: ratio(35_000_000n, 1n) }, { id: 'lane' }]);
    // What does not depend on the currency is compared all the same.
    expect(await faultsOf(portfolio(other('[2027-01-01, 2028-01-01]'), 'EUR'))).toEqual([
      expect.stringContaining('one paper has one period'),
    ]);
  });

  test('leaves contracts of vendors that it does not plan out, whatever its currency', async () => {
    const unplanned = configuration
      .replace(/ {2}- \{ id: north-2027.*\n/, '')
      .replace('lane, vendor: south', 'lane, vendor: east');
    expect((await read(portfolio('', 'EUR'), unplanned)).warnings.map(formatFault)).toEqual([
      expect.stringContaining('the portfolio does not plan this vendor: the contract is left out'),
    ]);
  });

  test('keeps what is due at each true-up where the last one comes early', async () => {
    const duesOf = async (term: string, terms: string): Promise<readonly number[]> => {
      const cut = configuration.replace(
        '[2027-01-01, 2029-01-01], fulfil: annual, ramp: [0.4, 0.6]',
        `${term}, ${terms}`,
      );
      const [pool] = (await read(portfolio(), cut)).portfolio.contracts;
      const ramp = pool?.kind === 'pool' ? pool.ramp : [];
      return ramp.map(({ numerator, denominator }) => Number(numerator) / Number(denominator));
    };
    const cutYear = '[2027-01-01, 2028-07-01]';
    // Three equal parts of half a year: the first year has two of them.
    expect(await duesOf(cutYear, 'fulfil: annual')).toEqual([0.25, 0.25, 0.5]);
    expect(await duesOf(cutYear, 'fulfil: annual, ramp: [0.4, 0.6]')).toEqual([0.2, 0.2, 0.6]);
    expect(await duesOf('[2027-01-15, 2028-05-15]', 'fulfil: annual')).toEqual([
      ...[1, 2, 3].map(() => expect.closeTo(1 / 6, 12)),
      0.5,
    ]);
    // Nothing changes where true-ups are as far from each other as its parts are long, or there is one.
    expect(await duesOf(cutYear, 'fulfil: monthly')).toEqual([]);
    expect(await duesOf(cutYear, 'fulfil: total')).toEqual([]);
    expect(await duesOf('[2027-01-01, 2027-06-20]', 'fulfil: annual')).toEqual([]);
    expect(await duesOf('[2027-01-01, 2029-01-01]', 'fulfil: annual')).toEqual([]);
    expect(await duesOf('[2027-01-31, 2027-02-28]', 'fulfil: monthly')).toEqual([]);
  });
});

describe('what is found points into the file that it is about', () => {
  test('a contract that the plan leaves out is a warning there', async () => {
    const east = configuration.replace('id: lane, vendor: south', 'id: lane, vendor: east');
    expect((await read(portfolio(), east)).warnings.map(formatFault)).toEqual([
      `${join('deal', 'archipel.yaml')}:15:25: the portfolio does not plan this vendor: the contract is left out, name the vendor and its sources there, if it matters`,
    ]);
    const product = configuration.replace('{ provider: south, model: b-9 }', '{ product: shop, share: 0.5 }');
    expect((await read(portfolio(), product)).warnings.map(formatFault)).toEqual([
      expect.stringMatching(/archipel\.yaml:15:\d+: it covers no source of the portfolio/),
    ]);
    const old = configuration.replace('period: [2027-01-01, 2028-01-01]', 'period: [2025-01-01, 2026-01-01]');
    expect((await read(portfolio(), old)).warnings.map(formatFault)).toEqual([
      expect.stringMatching(/archipel\.yaml:15:\d+: a contract outside the horizon/),
    ]);
  });

  test('what cannot be planned is a fault there, with the way out', async () => {
    const wide = configuration
      .replace(
        'vendor: south, covers: [{ provider: south, model: b-9 }]',
        'vendor: north, covers: [{ provider: north }]',
      )
      .replace('lane', 'lanes');
    expect(await faultsOf(portfolio(), wide)).toEqual([
      expect.stringMatching(
        /archipel\.yaml:15:\d+: signed capacity stands at one source in a plan.* write this contract in the portfolio too/,
      ),
    ]);
    const dear = configuration.replace('discount: "0.22"', 'shortfall: { rate: "1.5" }');
    expect(await faultsOf(portfolio(), dear)).toEqual([
      expect.stringMatching(/archipel\.yaml:14:\d+: a plan counts at most 1 for what was not spent/),
    ]);
    const free = configuration.replace('discount: "0.22"', 'discount: 1');
    expect(await faultsOf(portfolio(), free)).toEqual([
      expect.stringMatching(/archipel\.yaml:14:\d+: a discount of 1 leaves nothing to pay.* with its id/),
    ]);
    const odd = configuration.replace('[2027-01-01, 2029-01-01]', '[2027-01-01, 2028-07-15]');
    expect(await faultsOf(portfolio(), odd)).toEqual([
      expect.stringMatching(
        /archipel\.yaml:14:\d+: its last true-up comes early, and not after whole months.* with its id/,
      ),
    ]);
  });

  test('rules of both files together are checked: each finding where its rule stands', async () => {
    const tight = configuration.replace('vendor: 0.7', 'vendor: 0.4');
    expect(await faultsOf(portfolio(), tight)).toEqual([
      expect.stringMatching(/archipel\.yaml:17:28: 2 vendors cannot all stay below this share/),
    ]);
    expect(await faultsOf(portfolio('policy: { concentration: { vendor: 0.3 } }\n'))).toEqual([
      expect.stringMatching(/portfolio\.yaml:11:36: 2 vendors cannot all stay below this share/),
    ]);
    const overlapping = portfolio(`contracts:
  - { id: mine, vendor: north, kind: pool, amount: "5", period: [2028-01-01, 2029-01-01] }
`);
    expect(await faultsOf(overlapping)).toEqual([
      expect.stringMatching(/archipel\.yaml:14:\d+: it is in force while the pool of contract 1 is/),
    ]);
  });

  test('a file that is not there, or is no configuration, is a clear fault', async () => {
    write('portfolio.yaml', portfolio().replace('./archipel.yaml', './none.yaml'));
    const missing = await openPortfolio({ file, cwd });
    expect(missing.ok ? [] : missing.fault.map(formatFault)).toEqual([
      `${file}:2:7: this file cannot be read, check its name and permissions; unless absolute, it is looked for beside the portfolio`,
    ]);
    expect(await faultsOf(portfolio(), configuration.replace('usd: "38', 'usd: "-38'))).toEqual([
      expect.stringMatching(/^deal.archipel\.yaml:14:\d+: expected an amount in US dollars/),
    ]);
    expect(await faultsOf(portfolio(), ': [')).toEqual([expect.stringMatching(/^deal.archipel\.yaml:1:\d+: /)]);
    expect(await faultsOf(portfolio(), configuration.replace('provider: south,', 'provider: soth,'))).toEqual([
      expect.stringMatching(/archipel\.yaml:9:\d+: no provider has this name, did you mean "south"\?/),
    ]);
  });
});
