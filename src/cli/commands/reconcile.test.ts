import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failure, success } from '../../kernel/index.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { runCommand } from '../runCommand.ts';
import { ScriptedControl, type Ended } from '../scriptedControl.fixture.ts';

const bills = join(import.meta.dirname, '../../../test/fixtures/bills');

/** What the ledger has of a target on a day; reported and in whole nano-dollars unless a range is given. */
interface Booked {
  readonly target: string;
  readonly day: string;
  readonly nanoUsd: string;
  readonly range?: readonly [string, string];
  readonly input?: number;
  readonly output?: number;
}

const rowOf = ({ target, day, nanoUsd, range, input = 0, output = 0 }: Booked) => ({
  group: `${target}, ${day}`,
  groups: { target, day },
  attempts: 3,
  reported: range === undefined ? 3 : 2,
  estimated: 0,
  unknown: range === undefined ? 0 : 1,
  usage: { input, output },
  amountNanoUsd: nanoUsd,
  rangeLowNanoUsd: range?.[0] ?? nanoUsd,
  rangeHighNanoUsd: range?.[1] ?? nanoUsd,
});

const control = new ScriptedControl();
let cwd = '';
beforeAll(async () => {
  await control.listen();
  cwd = mkdtempSync(join(tmpdir(), 'archipel-reconcile-'));
});
afterAll(async () => {
  await control.leave();
  rmSync(cwd, { recursive: true, force: true });
});
beforeEach(() => {
  control.asked.length = 0;
});

const run = async (booked: readonly Booked[], ...args: readonly string[]): Promise<Ended> => {
  control.script = { usage: () => success({ rows: booked.map(rowOf) }) };
  const { terminal, written } = keepingTerminal(cwd);
  const code = await runCommand(['reconcile', '--url', control.url, '--admin-key', 'sk-ops', ...args], terminal);
  return { code, stdout: written.stdout, stderr: written.stderr };
};

const put = (name: string, text: string | Buffer): string => {
  writeFileSync(join(cwd, name), text);
  return name;
};

const day = '2026-02-03';
const sonnet: Booked = {
  target: 'cloud/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
  day,
  nanoUsd: '11100000',
  input: 1_700,
  output: 400,
};
const omni: Booked = { target: 'cloud/gpt-4o-2024-11-20', day, nanoUsd: '30000000', input: 4_000, output: 2_000 };

/** Each bill, the ledger that is equal to it, and what it has beside models. */
const golden: readonly [file: string, booked: readonly Booked[], apart: readonly [string, number, string][]][] = [
  [
    'focus-1.2-cloud.csv',
    [sonnet],
    [
      ['unit "GB-Mo"', 1, '12500000000'],
      ['charges that are no usage (Tax)', 1, '2380000000'],
      ['charges that are no usage (Credit)', 1, '-5000000000'],
    ],
  ],
  [
    'cur-2.0.csv',
    [sonnet],
    [
      ['charges that are no usage (Tax)', 1, '2380000000'],
      ['charges that are no usage (Fee)', 1, '29000000000'],
    ],
  ],
  ['focus-1.0-azure.csv', [omni], []],
  [
    'azure-actual-cost.csv',
    [omni],
    [
      ['unit "1 GB/Month"', 1, '200000000'],
      ['charges that are no usage (Purchase)', 1, '100000000000'],
    ],
  ],
  [
    'openai-costs.csv',
    [omni, { target: 'cloud/text-embedding-3-small', day: '2026-02-04', nanoUsd: '20000', input: 1_000 }],
    [['neither a quantity nor a cost', 1, '0']],
  ],
  ['openai-usage.csv', [omni], []],
  ['anthropic-usage.csv', [{ ...sonnet, nanoUsd: '10935000' }], []],
  ['anthropic-costs.csv', [{ ...sonnet, nanoUsd: '10935000' }], [['costs of no model', 1, '10000000']]],
];

describe('a bill that the ledger is equal to', () => {
  test.each(golden)('%s agrees to the last digit, and what is no model stands apart', async (file, booked, apart) => {
    const ended = await run(booked, '--invoice', join(bills, file), '--tolerance', '0', '--json');
    const told = JSON.parse(ended.stdout);
    expect([ended.code, told.differing]).toEqual([0, 0]);
    expect(told.days.map((one: { verdict: string; attempts: number }) => [one.verdict, one.attempts])).toEqual(
      booked.map(() => ['equal', 3]),
    );
    expect(told.invoices[0].apart).toEqual(apart.map(([why, rows, billedNanoUsd]) => ({ why, rows, billedNanoUsd })));
  });

  test.each(golden)('%s no longer does when the ledger has lost a token and a nano-dollar', async (file, booked) => {
    const [first, ...others] = booked;
    const less = { ...first!, nanoUsd: `${BigInt(first!.nanoUsd) - 1n}`, input: first!.input! - 1 };
    const ended = await run([less, ...others], '--invoice', join(bills, file), '--tolerance', '0', '--json');
    expect([ended.code, JSON.parse(ended.stdout).differing]).toEqual([5, 1]);
  });
});

test('costs and tokens of one bill that come in two files are held against the ledger together', async () => {
  const files = ['openai-costs.csv', 'openai-usage.csv'].flatMap((file) => ['--invoice', join(bills, file)]);
  const embedding = { target: 'cloud/text-embedding-3-small', day: '2026-02-04', nanoUsd: '20000', input: 0 };
  const ended = await run([omni, embedding], ...files, '--tolerance', '0', '--all');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toMatch(
    /^2026-02-03 {2}gpt-4o-2024-11-20 +\$0\.03 +\$0\.03 +- +\$0 +4,000 +4,000 +2,000 +2,000 {2}equal$/m,
  );
  expect(ended.stdout).toContain('the bill and the ledger agree: 2 models by days');
});

const head = 'ChargePeriodStart,BilledCost,BillingCurrency,ChargeCategory,ConsumedQuantity,ConsumedUnit,SkuMeter';
const billed = (cost: string, tokens = '1000', model = 'large', on = day): string =>
  `${on}T00:00:00Z,${cost},USD,Usage,${tokens},Tokens,${model} Input Tokens`;
const large: Booked = { target: 'north/large', day, nanoUsd: '1000000000', input: 1_000 };
const invoice = (...rows: readonly string[]): readonly string[] => [
  '--invoice',
  put('bill.csv', [head, ...rows].join('\n')),
];

describe('what differs', () => {
  test('is told exactly, and ends with 5; what agrees is counted', async () => {
    const ended = await run(
      [large, { ...large, target: 'north/small', nanoUsd: '7' }],
      ...invoice(billed('1.25'), billed('0.000000007', '1000', 'small')),
    );
    expect(ended.code).toBe(5);
    expect(ended.stdout).toMatch(/^2026-02-03 {2}large +\$1\.25 +\$1 +- +\+\$0\.25 .* differs$/m);
    expect(ended.stdout).not.toMatch(/ small /);
    expect(ended.stdout).toContain('billed $1.250000007, booked $1.000000007, difference +$0.25');
    expect(ended.stdout).toContain('1 of 2 models by days differ by more than is tolerated');
  });

  test('may be on one side alone', async () => {
    const ended = await run([large], ...invoice(billed('0.5', '10', 'strange')));
    expect(ended.code).toBe(5);
    expect(ended.stdout).toMatch(/^2026-02-03 {2}large .*-\$1 .* only in the ledger$/m);
    expect(ended.stdout).toMatch(/^2026-02-03 {2}strange .*\+\$0\.5 .* only on the bill$/m);
  });

  test.each([
    ['999999999', 0],
    ['1500000000', 0],
    ['3000000000', 0],
    ['999999998', -1],
    ['3000000001', 1],
  ])('is nothing within the bounds of what was not reported: a bill of %s', async (nanoUsd, difference) => {
    const cost = `${nanoUsd.slice(0, -9) || '0'}.${nanoUsd.slice(-9)}`;
    const unknown: Booked = { ...large, range: ['999999999', '3000000000'] };
    const ended = await run([unknown], ...invoice(billed(cost, '77')), '--tolerance', '0', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({
      differenceNanoUsd: `${difference}`,
      rangeLowNanoUsd: '999999999',
      rangeHighNanoUsd: '3000000000',
    });
    expect(ended.code).toBe(difference === 0 ? 0 : 5);
  });

  test.each([
    ['0.01', '1.01', 0],
    ['0.01', '1.010000001', 5],
    ['1%', '1.0101', 0],
    ['1%', '1.02', 5],
    ['0.001,1%', '1.0101', 0],
    ['0.1,1%', '1.1', 0],
  ])('is tolerated by %s: a bill of %s ends with %i', async (tolerance, cost, code) => {
    expect((await run([large], ...invoice(billed(cost)), '--tolerance', tolerance)).code).toBe(code);
  });

  test('of tokens counts even where the money is right', async () => {
    const ended = await run([large], ...invoice(billed('1', '1100')));
    expect(ended.code).toBe(5);
    expect(ended.stdout).toMatch(/\$0 +1,100 +1,000 +0 +0 {2}differs$/m);
  });

  test('a row of tokens that does not say how many counts with its money', async () => {
    const row = `${day}T00:00:00Z,1,USD,Usage,3,Units,large Input Tokens`;
    expect((await run([large], ...invoice(row), '--tolerance', '0')).code).toBe(0);
  });
});

describe('whose bill it is and of which days', () => {
  test('has to be said where several providers share the days', async () => {
    const other = { ...large, target: 'south/large' };
    const bill = invoice(billed('1'));
    const unsaid = await run([large, other], ...bill);
    expect([unsaid.code, unsaid.stdout]).toEqual([2, '']);
    expect(unsaid.stderr).toContain('several providers in these days (north, south)');
    expect((await run([large, other], ...bill, '--provider', 'north')).code).toBe(0);
    const both = ['--provider', 'north', '--provider', 'south'];
    expect((await run([large, other], ...invoice(billed('2', '2000')), ...both)).code).toBe(0);
    const wrong = await run([large], ...bill, '--provider', 'nort');
    expect(wrong.stderr).toContain('the ledger has nothing of nort in these days; it has north');
  });

  test('the days of the bill are asked for, or those that were named; the rest of it stands apart', async () => {
    const bill = invoice(billed('1', '1', 'large', '2026-02-05'), billed('1'));
    await run([], ...bill);
    const ended = await run([large], ...bill, '--from', day, '--to', '2026-02-05', '--json');
    expect(control.askedOf('usage')).toMatchObject([
      [{ groupBy: ['target', 'day'], fromMs: Date.UTC(2026, 1, 3), toMs: Date.UTC(2026, 1, 6), fresh: true }],
      [{ fromMs: Date.UTC(2026, 1, 3), toMs: Date.UTC(2026, 1, 5) }],
    ]);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      differing: 0,
      invoices: [{ apart: [{ why: 'days that were not asked for', rows: 1, billedNanoUsd: '1000000000' }] }],
    });
  });

  test('instants of another zone lie on their day of UTC', async () => {
    const bill = invoice(billed('1').replace('T00:00:00Z', 'T20:00:00-08:00'));
    expect((await run([{ ...large, day: '2026-02-04' }], ...bill, '--tolerance', '0')).code).toBe(0);
  });

  test('a model that the bill calls otherwise is named', async () => {
    const bill = invoice(billed('1', '1000', 'Frontier Edition'));
    expect((await run([large], ...bill)).code).toBe(5);
    expect((await run([large], ...bill, '--map', 'frontier-edition=large')).code).toBe(0);
  });
});

describe('settling', () => {
  const open: Booked = { ...large, range: ['0', '3000000000'] };
  const settling = (answer: number) => {
    let isSettled = false;
    const rows = () => [rowOf(isSettled ? { ...large, nanoUsd: '1500000000' } : open)];
    control.script = {
      usage: () => success({ rows: rows() }),
      settleBill: () => {
        isSettled = true;
        return success({ attempts: answer });
      },
    };
    return (...args: readonly string[]) => [...invoice(billed('1.5')), '--to', '2026-02-04', ...args];
  };
  const ended = async (args: readonly string[]): Promise<Ended> => {
    const { terminal, written } = keepingTerminal(cwd);
    const code = await runCommand(['reconcile', '--url', control.url, '--admin-key', 'sk-ops', ...args], terminal);
    return { code, stdout: written.stdout, stderr: written.stderr };
  };

  test('has the ledger take over the days that lie within their bounds, and tells what it has then', async () => {
    const { code, stdout } = await ended(settling(2)('--settle', '--tolerance', '0', '--json'));
    expect(control.askedOf('settleBill')).toMatchObject([
      [
        { invoice: 'bill.csv', days: [{ day, targets: ['north/large'], billedNanoUsd: '1500000000' }] },
        { name: 'ops' },
      ],
    ]);
    expect([code, JSON.parse(stdout)]).toMatchObject([
      0,
      { settledAttempts: 2, unsettled: [], bookedNanoUsd: '1500000000', rangeHighNanoUsd: '1500000000', differing: 0 },
    ]);
  });

  test('happens only when it is asked for, and asks for nothing where nothing is open', async () => {
    await ended(settling(2)());
    control.script = { usage: () => success({ rows: [rowOf(large)] }) };
    expect((await ended([...invoice(billed('1')), '--settle'])).stdout).toContain('settled by the bill: 0 attempts');
    control.script = { usage: () => success({ rows: [rowOf(open)] }) };
    expect((await ended([...invoice(billed('4')), '--settle'])).code).toBe(5);
    expect(control.askedOf('settleBill')).toEqual([]);
  });

  const credit = billed('-0.5').replace('Usage', 'Credit');
  test.each([
    ['that the bill does not name', [billed('1', '1000', 'strange')], 'notOnBill', 'the bill does not name it'],
    [
      'beside which it has a name that nobody knows',
      [billed('1'), billed('1', '1', 'strange')],
      'strangeOnBill',
      '--map',
    ],
    ['of whose model rows were left out', [billed('1'), credit], 'rowsLeftOut', 'rows of it on the bill were left out'],
    ['beyond whose bounds it is', [billed('4')], 'beyondBounds', 'the bill is beyond its bounds'],
  ])('leaves a day %s, and says why', async (_name, rows, why, words) => {
    control.script = { usage: () => success({ rows: [rowOf(open)] }) };
    const args = [...invoice(...rows), '--settle', '--to', '2026-02-04', '--tolerance', '9'];
    expect(JSON.parse((await ended([...args, '--json'])).stdout)).toMatchObject({
      settledAttempts: 0,
      unsettled: [{ day, model: 'large', targets: ['north/large'], why }],
    });
    expect((await ended(args)).stdout).toMatch(new RegExp(`^2026-02-03 {3}large +.*${words}`, 'm'));
    expect(control.askedOf('settleBill')).toEqual([]);
  });

  test('leaves the last day of the bill, unless its end is named', async () => {
    const next = '2026-02-04';
    const both = () => {
      control.script = {
        usage: () => success({ rows: [rowOf(open), rowOf({ ...open, day: next })] }),
        settleBill: () => success({ attempts: 1, days: [] }),
      };
      return [...invoice(billed('1'), billed('1', '1000', 'large', next)), '--settle', '--json'];
    };
    expect(JSON.parse((await ended(both())).stdout).unsettled).toMatchObject([{ day: next, why: 'mayGrow' }]);
    expect(control.askedOf('settleBill')).toMatchObject([[{ days: [{ day }] }, {}]]);
    expect(JSON.parse((await ended([...both(), '--to', '2026-02-05'])).stdout).unsettled).toEqual([]);
    expect(control.askedOf('settleBill')[1]).toMatchObject([{ days: [{ day }, { day: next }] }, {}]);
  });

  test('tells what the ledger left, too', async () => {
    const args = settling(0)('--settle', '--json');
    const days = [{ day, targets: ['north/large'], outcome: 'tooMany', attempts: 0 }];
    control.script = { ...control.script, settleBill: () => success({ attempts: 0, days }) };
    expect(JSON.parse((await ended(args)).stdout).unsettled).toMatchObject([{ day, model: 'large', why: 'tooMany' }]);
  });

  test('takes no bill of which rows cannot be read', async () => {
    const bill = invoice(billed('1'), billed('1').replace('02-03', '02-31'));
    const { code, stdout, stderr } = await ended([...bill, '--settle', '--skip-bad-rows', '--to', '2026-02-04']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('nothing is settled: --settle takes a whole bill');
    expect(control.asked).toEqual([]);
  });

  test('that is refused is told, with nothing on stdout', async () => {
    const args = settling(2)('--settle');
    const fault = { code: 'bad_control_request', message: 'No.' } as const;
    control.script = { ...control.script, settleBill: () => failure(fault) };
    expect(await ended(args)).toMatchObject({ code: 1, stdout: '' });
  });
});

describe('what cannot be read', () => {
  const row = billed('1');

  test.each([
    ['a thousand with a comma', row.replace(',1,USD', ',"1,000.50",USD'), '2:22', '"1,000.50" is no number'],
    ['another currency', row.replace('USD', 'EUR'), '2:24', 'an amount in EUR, and the ledger is in US dollars'],
    ['a day that is none', row.replace('02-03', '02-31'), '2:1', 'is no day'],
    ['a row that was cut off', row.slice(0, 30), '2:28', 'a row of 4 cells below a head of 7'],
  ])('%s is told with its place, and nothing is reconciled', async (_name, bad, place, what) => {
    const bill = invoice(bad, row);
    const ended = await run([large], ...bill);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain(`bill.csv:${place}`);
    expect(ended.stderr).toContain(what);
    expect((await run([large], ...bill, '--skip-bad-rows')).code).toBe(0);
  });

  test.each([
    ['a head that is no export', 'a,b\n1,2\n', 'no known export has these columns: a, b'],
    ['a head that lacks a column', 'usage_date_utc,model,token_type\n', 'add what it lacks for "costs by model'],
    ['an empty file', '', 'an empty file'],
    ['a quote that is never closed', `${head}\n"2026`, 'bill.csv:2:1'],
    ['UTF-16', Buffer.from(`\uFEFF${head}`, 'utf16le'), 'bill.csv is no UTF-8 text'],
    ['a bill without a model', head, 'name the days with --from and --to'],
  ])('%s is refused', async (_name, text, what) => {
    const ended = await run([large], '--invoice', put('bill.csv', text));
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain(what);
  });

  test('a format that was named says what the file lacks for it', async () => {
    const ended = await run([large], ...invoice(row), '--format', 'line-items');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('add what it lacks for "cost and usage report with line items"');
    expect((await run([large], ...invoice(row), '--format', 'focus')).code).toBe(0);
  });

  test.each([
    [[], '--invoice takes the file'],
    [['--invoice', 'nowhere.csv'], 'nowhere.csv cannot be read'],
    [['--invoice', 'bill.csv', '--tolerance', 'much'], '--tolerance takes dollars, a share or both'],
    [['--invoice', 'bill.csv', '--format', 'paper'], '--format takes one of focus,'],
    [['--invoice', 'bill.csv', '--from', '2026-02-30'], '--from takes a day of the calendar'],
    [['--invoice', 'bill.csv', '--from', day, '--to', day], '--from must be before --to'],
  ])('%j is wrong use', async (args, what) => {
    put('bill.csv', head);
    const ended = await run([], ...args);
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain(what);
  });
});

test('a bill is read as its bytes stand: byte order mark, other separators and quoted lines', async () => {
  const rows = [head, billed('1')].map((row) => row.replaceAll(',', ';')).join('\r\n');
  const text = `\uFEFF${rows.replace('large Input Tokens', '"large\r\nInput Tokens"')}\r\n`;
  expect((await run([large], '--invoice', put('bill.csv', text))).code).toBe(0);
});
