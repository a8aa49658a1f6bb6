import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPortfolio } from '../../planner/index.ts';
import { UsageError, type Command, type OptionValues } from '../Command.ts';
import { planDiff } from './planDiff.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { planSign } from './planSign.ts';
import { savedPlan } from './savedPlan.fixture.ts';

const portfolio = `version: 1
horizon: { from: 2027-01-01, periods: 2 }
vendors: { north: { host: one } }
classes: { chat: { demand: { start: 100 } } } # ours
sources: [{ vendor: north, class: chat, price: { perMTok: "2" } }]
offers:
  - { name: pool, vendor: north, kind: pool, sizes: ["1000"], terms: [12], discount: 0.1 }
  - { name: floor, vendor: north, kind: floor, sizes: [3], terms: [12], discount: 0.2 }
`;

const common = { vendor: 'north', start: '2027-01-01', until: '2028-01-01', months: 12 };
const pool = {
  ...common,
  offer: 'pool',
  kind: 'pool',
  usd: '1000',
  discount: 0.1,
  feePerMonth: null,
  steps: [{ from: '2027-01-01', until: '2028-01-01', usd: '1000' }],
};
const floor = {
  ...common,
  offer: 'floor',
  kind: 'floor',
  quantity: '3',
  unit: 'unitsPerMonth',
  source: 'north/chat',
  discount: null,
  feePerMonth: 4.8,
  steps: [],
};

const plan = {
  ...savedPlan(portfolio),
  decisions: [pool, floor],
  horizon: { from: '2027-01-01', until: '2029-01-01' },
};

let cwd = '';
const put = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-'));
  put('portfolio.yaml', portfolio);
  put('plan.json', JSON.stringify(plan));
});
afterEach(() => rmSync(cwd, { recursive: true, force: true }));

const run = async (command: Command, options: OptionValues, positionals: readonly string[] = []) => {
  const { terminal, written } = keepingTerminal(cwd);
  return { code: await command.run({ options, positionals, terminal }), ...written };
};

test('what was signed is printed as a contract, and the file changes only where that is asked for', async () => {
  const printed = await run(planSign, { plan: 'plan.json', offer: 'pool' });
  expect(printed).toMatchObject({ code: 0, stderr: '' });
  expect(printed.stdout.startsWith(portfolio)).toBe(true);
  expect(readFileSync(join(cwd, 'portfolio.yaml'), 'utf8')).toBe(portfolio);
  const written = await run(planSign, { plan: 'plan.json', write: true }, ['pool', 'floor']);
  expect(written.stdout).toBe('portfolio.yaml has 2 more: pool-2027-01-01-12m, floor-2027-01-01-12m-north/chat\n');
  const reading = readPortfolio(readFileSync(join(cwd, 'portfolio.yaml'), 'utf8'), 'portfolio.yaml');
  expect(reading).toMatchObject({ ok: true, value: { portfolio: { contracts: { length: 2 } } } });
  await expect(run(planSign, { plan: 'plan.json', offer: 'pool' })).rejects.toThrow('already');
});

test.each([
  [{}, '--plan takes the file of a plan'],
  [{ plan: 'plan.json' }, '--offer takes what was signed'],
  [{ plan: 'plan.json', offer: 'pol' }, 'did you mean "pool"?'],
  [{ plan: 'plan.json', offer: 'pool', start: '2028-01-01' }, 'but on 2027-01-01'],
  [{ plan: 'portfolio.yaml', offer: 'pool' }, 'this is no JSON'],
  [{ plan: 'none.json', offer: 'pool' }, 'none.json cannot be read'],
])('wrong use is told in words: %j', async (options, said) => {
  const refused = await run(planSign, options).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(UsageError);
  expect(String(refused)).toContain(said);
});

test('two plans are compared in words, with what of their portfolios changed', async () => {
  const changed = portfolio.replace('start: 100', 'start: 150');
  put('later.yaml', changed);
  put(
    'later.json',
    JSON.stringify({
      ...plan,
      upperBound: 150,
      lowerBound: 149,
      decisions: [{ ...pool, usd: '2000' }],
      inputs: { ...plan.inputs, sha256: createHash('sha256').update(changed).digest('hex') },
    }),
  );
  const { stdout } = await run(planDiff, { before: 'portfolio.yaml', after: 'later.yaml' }, [
    'plan.json',
    'later.json',
  ]);
  expect(stdout).toContain('  demand: classes.chat.demand.start: 100 -> 150\n');
  expect(stdout).toContain('  - north floor (floor): 3 unitsPerMonth, 12 months from 2027-01-01\n');
  expect(stdout).toContain(
    '  ~ north pool (pool): 1000, 12 months from 2027-01-01\n    now north pool (pool): 2000, 12 months',
  );
  expect(stdout).toMatch(/objective +100 +150 +\+50\n/);
  expect(stdout).toContain('their bounds are apart');
  const { stdout: json } = await run(planDiff, { json: true }, ['plan.json', 'plan.json']);
  expect(JSON.parse(json)).toMatchObject({ inputs: { known: 'same' }, decisions: { added: [], gone: [] } });
  await expect(
    run(planDiff, { before: 'later.yaml', after: 'later.yaml' }, ['plan.json', 'later.json']),
  ).rejects.toThrow('is not the portfolio of that plan');
  await expect(run(planDiff, { before: 'later.yaml' }, ['plan.json', 'later.json'])).rejects.toThrow('go together');
});

test('what a portfolio takes over is part of what was planned, and is signed beside', async () => {
  const configuration = `version: 1
providers: { north: { wire: openai, vendor: north, baseUrl: https://north.example/v1, credentials: { apiKey: "\${env:NEVER}" }, host: one } }
models: { chat: { deployments: [{ provider: north, model: big, price: { inputPerMTok: "1", outputPerMTok: "2" } }] } }
contracts:
  - { id: old, vendor: north, covers: [{ provider: north }], kind: pool, usd: "500", period: [2028-01-01, 2029-01-01] }
`;
  const taking = portfolio.replace('version: 1\n', 'version: 1\nfrom: ./archipel.yaml\n');
  const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
  put('archipel.yaml', configuration);
  put('portfolio.yaml', taking);
  const inputs = { ...plan.inputs, sha256: hashOf(taking) };
  put(
    'plan.json',
    JSON.stringify({ ...plan, inputs: { ...inputs, from: { file: 'archipel.yaml', sha256: hashOf(configuration) } } }),
  );
  put(
    'other.json',
    JSON.stringify({ ...plan, inputs: { ...inputs, from: { file: 'archipel.yaml', sha256: hashOf('') } } }),
  );
  const known = { before: 'portfolio.yaml', after: 'portfolio.yaml', json: true };
  const { stdout } = await run(planDiff, known, ['plan.json', 'plan.json']);
  expect(JSON.parse(stdout)).toMatchObject({ inputs: { known: 'told', changes: [] } });
  await expect(run(planDiff, known, ['plan.json', 'other.json'])).rejects.toThrow(
    'archipel.yaml is not what that plan took over',
  );
  const { stdout: apart } = await run(planDiff, { json: true }, ['plan.json', 'other.json']);
  expect(JSON.parse(apart)).toMatchObject({ inputs: { known: 'unknown' }, circumstances: [{ name: 'taken over' }] });
  expect((await run(planSign, { plan: 'plan.json', offer: 'pool', write: true })).stdout).toContain('1 more');
  // A second pool for the time of the one that is taken over is refused, with its place in the other file.
  put('archipel.yaml', configuration.replace('[2028-01-01, 2029-01-01]', '[2027-07-01, 2028-07-01]'));
  put('portfolio.yaml', taking);
  await expect(run(planSign, { plan: 'plan.json', offer: 'pool' })).rejects.toThrow(
    /archipel\.yaml:5:\d+: it is in force while/,
  );
});
