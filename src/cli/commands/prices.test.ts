import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { success } from '../../kernel/index.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { ScriptedControl } from '../scriptedControl.fixture.ts';
import type { Command, OptionValues } from '../Command.ts';
import { pricesExplain, pricesList } from './prices.ts';
import { pricesDiff } from './pricesDiff.ts';
import { pricesImport } from './pricesImport.ts';
import { correctionsUnknown, why } from './why.ts';

const folder = mkdtempSync(join(tmpdir(), 'archipel-prices-'));
afterAll(() => rmSync(folder, { recursive: true }));

const control = new ScriptedControl();
beforeAll(() => control.listen());
afterAll(() => control.leave());
afterEach(() => {
  control.script = {};
});

const run = async (command: Command, positionals: readonly string[], options: OptionValues = {}) => {
  const { terminal, written } = keepingTerminal(folder);
  const code = await command.run({ options, positionals, terminal: { ...terminal, env: { A: 'key' } } });
  return { code, ...written };
};

const id = '01938f2c-0000-7000-8000-000000000000';

const attempt = {
  attempt: 1,
  provider: 'aurora',
  targetModel: 'large',
  servedTier: 'priority',
  basis: 'reported',
  amountNanoUsd: '504001',
  rangeNanoUsd: ['504001', '504001'],
  lines: [
    // 100 x 4,000 x 0.9 = 360,000.
    {
      bucket: 'input',
      units: 100,
      priceNanoUsdPerMillion: '4000000000',
      discount: '0.1',
      amountNanoUsd: '360000',
      source: 'file, priority',
    },
    // 10 x 16,000.1 x 0.9 = 144,000.9, to the nearest nano-dollar.
    {
      bucket: 'output',
      units: 10,
      priceNanoUsdPerMillion: '16000100000',
      discount: '0.1',
      amountNanoUsd: '144001',
      source: 'file, priority',
    },
  ],
};

describe('prices explain', () => {
  const explain = (attempts: readonly object[], options: OptionValues = {}) => {
    control.script = { request: () => success({ request: null, attempts } as never) };
    return control.run(pricesExplain, [id], options);
  };

  test('shows each line with its price, tier and source, and adds them up anew', async () => {
    const { code, stdout, stderr } = await explain([attempt]);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    expect(stdout.split('\n')).toEqual([
      'attempt 1 at aurora/large, served as priority: $0.000504001 (reported)',
      '  BUCKET  UNITS  $ PER MILLION  DISCOUNT        AMOUNT  PRICE OF',
      '  input     100              4       0.1  $0.000360000  file, priority',
      '  output     10        16.0001       0.1  $0.000144001  file, priority',
      '',
      `request ${id}: $0.000504001`,
      '',
    ]);
  });

  test('fails where a line or a sum is not what its figures come to', async () => {
    const [first, second] = attempt.lines;
    const wrong = { ...attempt, lines: [{ ...first, amountNanoUsd: '360001' }, second] };
    const { code, stderr, stdout } = await explain([wrong], { json: true });
    expect(code).toBe(1);
    expect(stderr).toContain('input says 360001, its figures come to 360000 nano-USD');
    expect(stderr).toContain('attempt 1 says 504001, its lines come to 504002 nano-USD');
    expect(JSON.parse(stdout)).toMatchObject({ addsUp: false, amountNanoUsd: '504001' });
  });

  test('counts what an attempt was corrected by, and says why', async () => {
    const lines = [{ ...attempt.lines[0], units: 0, amountNanoUsd: '-4001' }];
    const reason = 'bill november.csv, 2026-11-15, settled by ops';
    const correction = { attemptId: 'a', revision: 1, reason, lines, amountNanoUsd: '-4001' };
    const explained = (amountNanoUsd: string) => {
      const corrections = [{ ...correction, amountNanoUsd }];
      const body = { request: null, attempts: [{ ...attempt, attemptId: 'a' }], corrections };
      control.script = { request: () => success(body as never) };
      return control.run(pricesExplain, [id]);
    };
    const { code, stdout } = await explained('-4001');
    expect(code).toBe(0);
    expect(stdout.split('\n').slice(4)).toEqual([
      `  correction 1: -$0.000004001 (${reason})`,
      '',
      `request ${id}: $0.000500000`,
      '',
    ]);
    expect(await explained('-4000')).toMatchObject({ code: 1 });
  });

  test('says where corrections are not known now, as why does', async () => {
    const body = { request: null, attempts: [{ ...attempt, attemptId: 'a' }], corrections: null };
    control.script = { request: () => success(body as never) };
    const explained = await control.run(pricesExplain, [id], { json: true });
    expect([explained.code, explained.stderr]).toEqual([0, `archipel: ${correctionsUnknown}\n`]);
    expect(JSON.parse(explained.stdout)).toMatchObject({ amountNanoUsd: '504001', corrections: null });
    expect((await control.run(why, [id])).stdout).toContain(`\n\n${correctionsUnknown}\n`);
  });

  test('says between which bounds a cost lies that nobody knows', async () => {
    const { stdout } = await explain([{ ...attempt, basis: 'unknown', rangeNanoUsd: ['0', '900000'] }]);
    expect(stdout).toContain('$0.000504001 (unknown, between $0.000000000 and $0.000900000)');
  });
});

describe('prices list', () => {
  const file = join(folder, 'archipel.yaml');
  writeFileSync(
    file,
    [
      'version: 1',
      'providers: { a: { wire: openai, vendor: openai, baseUrl: "https://a.example/v1", credentials: { apiKey: "${env:A}" }, host: one } }',
      'models: { m: { deployments: [{ provider: a, model: gpt-5.2 }] } }',
      `prices: [{ file: ${join(folder, 'own.csv')}, from: 2026-03-01 }]`,
    ].join('\n'),
  );
  writeFileSync(join(folder, 'own.csv'), 'vendor,model,input,output\nopenai,gpt-5.2,1.5,12\n');
  const list = async (at: string) => {
    const { terminal, written } = keepingTerminal(folder);
    const options = { config: file, vendor: 'openai', model: 'gpt-5.2', at, json: true };
    const code = await pricesList.run({ options, positionals: [], terminal: { ...terminal, env: { A: 'key' } } });
    return { code, prices: (JSON.parse(written.stdout) as { prices: readonly Record<string, unknown>[] }).prices };
  };

  test('shows what the program ships with, tiers as well, and from its day on a list of the file', async () => {
    const before = await list('2026-02-01');
    expect(before.code).toBe(0);
    expect(before.prices.map(({ tier }) => tier)).toEqual([null, 'flex', 'priority']);
    expect(before.prices[0]).toMatchObject({ nanoUsdPerMillion: { input: '1750000000', output: '14000000000' } });
    expect(await list('2026-03-01')).toMatchObject({
      prices: [
        { nanoUsdPerMillion: { input: '1500000000', output: '12000000000' }, from: '2026-03-01', source: 'own.csv' },
      ],
    });
  });
});

test('prices diff tells what was added, left out and changed, each with its day', async () => {
  writeFileSync(join(folder, 'old.csv'), 'vendor,model,tier,input,from\nv,a,,1,\nv,b,,2,2026-01-01\nv,c,flex,3,\n');
  writeFileSync(join(folder, 'new.csv'), 'vendor,model,tier,input,from\nv,a,,1.0,\nv,b,,2.5,2026-01-01\nv,d,,4,\n');
  expect(await run(pricesDiff, ['old.csv', 'new.csv'])).toEqual({
    code: 1,
    stderr: '',
    stdout: '~ v b from 2026-01-01: input 2 -> 2.5 (+25 %)\n- v c, flex: input 3\n+ v d: input 4\n',
  });
  expect(await run(pricesDiff, ['old.csv', 'old.csv'])).toMatchObject({ code: 0, stdout: 'the same prices\n' });
  await expect(run(pricesDiff, ['old.csv', 'none.csv'])).rejects.toThrow('none.csv cannot be read');
});

test('prices diff of two lists in another currency goes by the rates of the file, and says where there is none', async () => {
  const config = join(folder, 'euro.yaml');
  writeFileSync(
    config,
    [
      'version: 1',
      'providers: { a: { wire: openai, vendor: openai, baseUrl: "https://a.example/v1", credentials: { apiKey: "${env:A}" }, host: one } }',
      'models: { m: { deployments: [{ provider: a, model: gpt-5.2 }] } }',
      'rates: { EUR: [{ from: 2026-01-01, usd: "1.25" }] }',
    ].join('\n'),
  );
  writeFileSync(join(folder, 'dollars.csv'), 'vendor,model,input,from\nv,a,2.5,2026-01-01\n');
  writeFileSync(
    join(folder, 'euros.csv'),
    'vendor,model,input,from,currency\nv,a,2,2026-01-01,EUR\nv,b,4,2026-01-01,EUR\n',
  );
  expect(await run(pricesDiff, ['dollars.csv', 'euros.csv'], { config })).toEqual({
    code: 1,
    stderr: '',
    stdout: '+ v b from 2026-01-01: input 5\n',
  });
  writeFileSync(join(folder, 'pounds.csv'), 'vendor,model,input,from,currency\nv,a,2,2026-01-01,GBP\n');
  const { code, stderr } = await run(pricesDiff, ['dollars.csv', 'pounds.csv'], { config });
  expect(code).toBe(2);
  expect(stderr).toContain('pounds.csv:2: ');
});

describe('prices import', () => {
  const cwd = mkdtempSync(join(tmpdir(), 'archipel-prices-import-'));
  afterAll(() => rmSync(cwd, { recursive: true }));
  writeFileSync(
    join(cwd, 'archipel.yaml'),
    [
      'version: 1',
      'providers: { a: { wire: openai, vendor: openai, baseUrl: "https://a.example/v1", credentials: { apiKey: "${env:A}" }, host: one } }',
      'models: { m: { deployments: [{ provider: a, model: gpt-5.2 }] } }',
      'prices: [{ file: own.csv }]',
    ].join('\n'),
  );
  writeFileSync(join(cwd, 'own.csv'), 'vendor,model,input,output\nopenai,gpt-5.2,2,14\n');
  writeFileSync(join(cwd, 'sheet.csv'), 'vendor,model,input,output,tier\nopenai,gpt-5.2,2.5,14,\nopenai,new,1,1,\n');
  const runThere = async (command: Command, positionals: readonly string[], options: OptionValues = {}) => {
    const { terminal, written } = keepingTerminal(cwd);
    const code = await command.run({ options, positionals, terminal: { ...terminal, env: { A: 'key' } } });
    return { code, ...written };
  };

  test('says what it would write, writes it, and has nothing to write the second time', async () => {
    const lines = [
      '~ openai gpt-5.2 from 2026-03-01: input 2 -> 2.5 (+25 %)',
      '+ openai new from 2026-03-01: input 1, output 1',
    ];
    const from = '2026-03-01';
    expect(await runThere(pricesDiff, ['sheet.csv'], { at: from })).toEqual({
      code: 1,
      stderr: '',
      stdout: '~ openai gpt-5.2: input 2 -> 2.5 (+25 %)\n+ openai new: input 1, output 1\n',
    });
    expect(await runThere(pricesImport, ['sheet.csv'], { from, 'dry-run': true })).toEqual({
      code: 0,
      stderr: '',
      stdout: [...lines, '2 prices to write into own.csv', ''].join('\n'),
    });
    expect(await runThere(pricesImport, ['sheet.csv'], { from })).toEqual({
      code: 0,
      stderr: '',
      stdout: [...lines, 'wrote 2 prices into own.csv', ''].join('\n'),
    });
    expect(await runThere(pricesImport, ['sheet.csv'], { from })).toMatchObject({
      code: 0,
      stdout: 'nothing to write into own.csv: these prices hold already\n',
    });
    expect(await runThere(pricesDiff, ['sheet.csv'], { at: from })).toMatchObject({
      code: 0,
      stdout: 'the same prices\n',
    });
    expect(JSON.parse((await runThere(pricesImport, ['sheet.csv'], { from, json: true })).stdout)).toMatchObject({
      written: 0,
    });
  });

  test('warns of a tier that ends, and of a price of one’s own that stays', async () => {
    writeFileSync(join(cwd, 'own.csv'), 'vendor,model,input,output\n');
    const { stderr } = await runThere(pricesImport, ['sheet.csv'], {
      from: '2026-03-01',
      vendor: 'openai',
      model: 'gpt-5.2',
    });
    expect(stderr).toContain('warning: - openai gpt-5.2, flex: input 0.875');
    expect(stderr).toContain('policy.unpriced decides: import a row for it to keep it');
    expect(await runThere(pricesImport, [])).toMatchObject({
      code: 0,
      stderr: 'warning: openai gpt-5.2 keeps the price that the lists of the configuration have\n',
    });
  });

  test('ends as wrong use where a sheet, a day, a currency or a file is wrong', async () => {
    writeFileSync(join(cwd, 'wrong.csv'), 'vendor,model,input\nopenai,gpt-5.2,-2\n');
    writeFileSync(join(cwd, 'bytes.csv'), Buffer.from([0xff, 0xfe]));
    for (const command of [pricesImport, pricesDiff])
      expect(await runThere(command, ['wrong.csv'])).toMatchObject({
        code: 2,
        stdout: '',
        stderr: 'wrong.csv:2: input: expected a price as 2.50, not "-2"\n',
      });
    await expect(runThere(pricesImport, ['sheet.csv'], { from: '2026-02-30' })).rejects.toThrow('--from takes a day');
    await expect(runThere(pricesImport, ['sheet.csv'], { currency: 'euro' })).rejects.toThrow('--currency takes three');
    await expect(runThere(pricesImport, ['none.csv'])).rejects.toThrow('none.csv cannot be read');
    await expect(runThere(pricesImport, ['bytes.csv'])).rejects.toThrow('bytes.csv is no text in UTF-8');
  });
});
