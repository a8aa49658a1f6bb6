import {
  chmodSync,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { diffPrices } from './diffPrices.ts';
import { importPrices, type PriceImport, type PriceImportReport } from './importPrices.ts';
import { listPrices } from './listPrices.ts';
import { replaceText } from './replaceText.ts';

const asRoot = process.getuid?.() === 0;

const day = (text: string): number => Date.parse(`${text}T00:00:00Z`);

let cwd = '';
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), 'archipel-import-'));
  write('archipel.yaml', configuration());
});
afterEach(() => rmSync(cwd, { recursive: true }));

const write = (name: string, text: string): void => writeFileSync(join(cwd, name), text);
const textOf = (name: string): string => readFileSync(join(cwd, name), 'utf8');

const configuration = (lists = '{ file: prices.csv }'): string => `
version: 1
providers:
  openai: { wire: openai, vendor: openai, baseUrl: "https://o.example/v1", credentials: { apiKey: "\${env:A}" }, host: one }
  claude: { wire: anthropic, vendor: anthropic, baseUrl: "https://c.example", credentials: { apiKey: "\${env:A}" }, host: two }
models:
  gpt: { deployments: [ { provider: openai, model: gpt-5.4 } ] }
  claude: { deployments: [ { provider: claude, model: claude-opus-4-6 } ] }
prices: [ ${lists} ]
rates: { EUR: [ { from: 2026-01-01, usd: "1.10" }, { from: 2026-07-01, usd: "1.20" } ] }
`;

const place = () => ({ config: undefined, env: { A: 'key' }, cwd });

const asked = (offer: PriceImport['offer'], more: Partial<PriceImport> = {}): PriceImport => ({
  ...place(),
  offer,
  list: 'prices.csv',
  vendor: undefined,
  model: undefined,
  all: false,
  fromMs: day('2026-06-01'),
  dryRun: false,
  ...more,
});

const sheet = (text: string, currency = 'USD'): PriceImport['offer'] => ({
  kind: 'file',
  file: 'sheet.csv',
  text,
  currency,
});

const catalogue = (models: object): PriceImport['offer'] => ({
  kind: 'file',
  file: 'api.json',
  text: JSON.stringify({ openai: { models } }),
  currency: 'USD',
});

const imported = async (offer: PriceImport['offer'], more: Partial<PriceImport> = {}): Promise<PriceImportReport> => {
  const done = await importPrices(asked(offer, more));
  if (!done.ok) throw new Error(done.fault.join('\n'));
  return done.value;
};

const refused = async (offer: PriceImport['offer'], more: Partial<PriceImport> = {}): Promise<string> => {
  const before = existsSync(join(cwd, 'prices.csv')) ? textOf('prices.csv') : null;
  const done = await importPrices(asked(offer, more));
  expect(existsSync(join(cwd, 'prices.csv')) ? textOf('prices.csv') : null).toBe(before);
  return done.ok ? 'nothing' : done.fault.join('\n');
};

/** The price of gpt-5.4 for a token in and one out, in dollars per million, as it is in force. */
const inForce = async (at: string): Promise<readonly number[]> => {
  const listed = await listPrices({ ...place(), vendor: 'openai', model: 'gpt-5.4', atMs: day(at) });
  if (!listed.ok) throw new Error(listed.fault.join('\n'));
  const prices = listed.value[0]?.nanoUsdPerMillion;
  return ['input', 'output'].map((bucket) => Number(prices?.[bucket]) / 1e9);
};

describe('a sheet of one’s own', () => {
  test('becomes rows of a new list, from a day on, in its own currency and words', async () => {
    const report = await imported(sheet('vendor,model,input,output,source\nopenai,gpt-5.4,2,10,offer 7\n', 'EUR'));
    expect(report).toMatchObject({
      list: 'prices.csv',
      written: 1,
      changes: [
        {
          price: 'openai gpt-5.4',
          from: '2026-06-01',
          before: { input: '2500000000', output: '15000000000' },
          after: { input: '2200000000', output: '11000000000' },
          percent: { input: -12, output: -26.67 },
        },
      ],
      lost: [{ price: 'openai gpt-5.4, above 272000 tokens', aboveTokens: 272_000 }],
    });
    expect(textOf('prices.csv')).toBe(
      'vendor,model,input,output,from,currency,source\nopenai,gpt-5.4,2,10,2026-06-01,EUR,offer 7\n',
    );
    expect([await inForce('2026-05-31'), await inForce('2026-06-01')]).toEqual([
      [2.5, 15],
      [2.2, 11],
    ]);
  });

  test('imported again makes no entry, and a price that differs makes one that ends the older', async () => {
    const first = 'vendor,model,input,output\nopenai,gpt-5.4,2,10\n';
    await imported(sheet(first));
    const before = textOf('prices.csv');
    expect(await imported(sheet(first), { fromMs: day('2026-09-01') })).toMatchObject({ changes: [], written: 0 });
    expect(textOf('prices.csv')).toBe(before);
    await imported(sheet('vendor,model,input,output\nopenai,gpt-5.4,3,10\n'), { fromMs: day('2026-09-01') });
    expect(textOf('prices.csv').startsWith(before)).toBe(true);
    expect([await inForce('2026-08-31'), await inForce('2026-09-01')]).toEqual([
      [2, 10],
      [3, 10],
    ]);
  });

  test('whose rate has changed since is a new price, and one whose rate has not is none', async () => {
    const euros = sheet('vendor,model,input,output,currency\nopenai,gpt-5.4,2,10,EUR\n');
    await imported(euros);
    expect(await imported(euros, { fromMs: day('2026-06-30') })).toMatchObject({ written: 0 });
    expect(await imported(euros, { fromMs: day('2026-07-01') })).toMatchObject({ written: 1 });
    expect([await inForce('2026-06-30'), await inForce('2026-07-01')]).toEqual([
      [2.2, 11],
      [2.4, 12],
    ]);
  });

  test('has regions, tiers, long inputs and days of its own', async () => {
    const text = [
      'vendor,model,region,tier,above_tokens,input,output,from,until',
      'openai,gpt-5.4,,,,2,10,2026-06-01,',
      'openai,gpt-5.4,,,,3,11,2026-08-01,2026-10-01',
      'openai,gpt-5.4,eu,,,4,12,,',
      'openai,gpt-5.4,,flex,,1,5,,',
      'openai,gpt-5.4,,,272000,6,20,,',
    ].join('\n');
    expect(await imported(sheet(text))).toMatchObject({ written: 5, lost: [] });
    expect(await imported(sheet(text))).toMatchObject({ written: 0 });
    // After the last of them has ended the market's price holds again.
    expect([await inForce('2026-07-31'), await inForce('2026-08-01'), await inForce('2026-10-01')]).toEqual([
      [2, 10],
      [3, 11],
      [2.5, 15],
    ]);
    const listed = await listPrices({ ...place(), vendor: 'openai', model: 'gpt-5.4', atMs: day('2026-07-01') });
    expect(listed).toMatchObject({ value: [{}, {}, { tier: 'flex' }, { region: 'eu', tier: null }] });
  });

  test('looked at only is not written', async () => {
    const text = 'vendor,model,input\nopenai,gpt-5.4,2\n';
    expect(await imported(sheet(text), { dryRun: true })).toMatchObject({
      changes: [{ price: 'openai gpt-5.4' }],
      written: 0,
    });
    expect(existsSync(join(cwd, 'prices.csv'))).toBe(false);
  });

  test('is written whole and under its name alone, with the mode that the list has', async () => {
    write('prices.csv', 'vendor,model\n');
    chmodSync(join(cwd, 'prices.csv'), 0o640);
    await imported(sheet('vendor,model,input\nopenai,gpt-5.4,2\n'));
    expect(statSync(join(cwd, 'prices.csv')).mode & 0o777).toBe(0o640);
    expect(readdirSync(cwd).toSorted()).toEqual(['archipel.yaml', 'prices.csv']);
  });

  test.skipIf(!asRoot)('stays whose it was (skipped as an ordinary user: there is nobody to give it to)', async () => {
    write('prices.csv', 'vendor,model\n');
    chownSync(join(cwd, 'prices.csv'), 4321, 1234);
    chmodSync(join(cwd, 'prices.csv'), 0o660);
    await imported(sheet('vendor,model,input\nopenai,gpt-5.4,2\n'));
    const { uid, gid, mode } = statSync(join(cwd, 'prices.csv'));
    expect([uid, gid, mode & 0o777]).toEqual([4321, 1234, 0o660]);
  });

  test('that somebody else has changed meanwhile is left as it is', () => {
    write('prices.csv', 'vendor,model\nnew,row\n');
    expect(replaceText(join(cwd, 'prices.csv'), (text) => text === 'vendor,model\n', 'mine')).toBe(false);
    expect(textOf('prices.csv')).toBe('vendor,model\nnew,row\n');
    expect(readdirSync(cwd).toSorted()).toEqual(['archipel.yaml', 'prices.csv']);
  });

  test.each([
    ['vendor,model,price\nv,m,1', 'sheet.csv:1: no such column: "price"; columns are vendor, model'],
    ['vendor,model,input\nv,m,-1', 'sheet.csv:2: input: expected a price as 2.50'],
    [
      'vendor,model,input\nv,m,1\nv,m,1',
      'sheet.csv:3: v m has a price from 2026-06-01 on that line 2 has a price for as well',
    ],
    ['vendor,model,input,currency\nv,m,1,GBP', 'sheet.csv:2: currency: no rates for "GBP"; add them to `rates`'],
    ['vendor,model,input,currency,from\nv,m,1,EUR,2025-12-31', 'sheet.csv:2: currency: no rate of EUR for 2025-12-31'],
    [
      'vendor,model,input,from,until\nv,m,1,2026-01-01,2026-03-01\nv,m,2,2026-02-01,',
      'sheet.csv:3: v m has a price from 2026-02-01 on that line 2 has a price for as well',
    ],
    [
      'vendor,model,input,from,until\nv,m,1,2026-01-01,2026-03-01\nv,m,2,2026-04-01,',
      'sheet.csv:3: v m has no price from 2026-03-01 until 2026-04-01',
    ],
    // Against what the list has.
    [
      'vendor,model,input,from\nold,m,9,2026-02-01',
      'sheet.csv:2: old m is to have a price from 2026-02-01 on, but prices.csv:2 has a price until 2026-05-01: import from that day (--from)',
    ],
    [
      'vendor,model,input\nold,m,9',
      'sheet.csv:2: old m is to have a price from 2026-06-01 on, but prices.csv:2 ends on 2026-05-01, so that the days between would have no price: import from that day (--from)',
    ],
    [
      'vendor,model,input,from\nold,n,9,2026-08-01',
      'sheet.csv:2: old n is to have a price from 2026-08-01 on, but prices.csv:3 has a price from the same day on: import from a later day (--from), or mend that row',
    ],
    [
      'vendor,model,input,until\nold,n,9,2026-09-01',
      'prices.csv:3 has a price from 2026-08-01 on: end this one then (`until`)',
    ],
    [
      'vendor,model,input,until\nold,n,9,2026-07-01',
      'prices.csv:3 has a price from 2026-08-01 on, and this one ends before, so that the days between would have no price',
    ],
    [
      'vendor,model,input\nelsewhere,m,9',
      'sheet.csv:2: elsewhere m has a price in another list of the configuration: import into that one (--list)',
    ],
  ])('that cannot be is refused with its line and how to mend it, and nothing is written: %j', async (text, fault) => {
    write(
      'archipel.yaml',
      configuration('{ file: prices.csv }, { file: other.csv }').replaceAll(/file: (\w+)\.csv/g, `file: ${cwd}/$1.csv`),
    );
    write('prices.csv', 'vendor,model,input,from,until\nold,m,1,2026-01-01,2026-05-01\nold,n,1,2026-08-01,\n');
    write('other.csv', 'vendor,model,input\nelsewhere,m,1\n');
    expect((await refused(sheet(text), { list: join(cwd, 'prices.csv') })).replaceAll(`${cwd}/`, '')).toContain(fault);
  });

  test('needs one list to go to', async () => {
    const one = sheet('vendor,model,input\nv,m,1\n');
    expect(await refused(one, { list: 'none.csv' })).toContain('prices.csv');
    write('prices.csv', 'vendor,model\n');
    expect(await refused(one, { list: 'none.csv' })).toContain(
      'the configuration has no list none.csv: it has prices.csv',
    );
    write('second.csv', 'vendor,model\n');
    write('archipel.yaml', configuration('{ file: prices.csv }, { file: second.csv }'));
    expect(await refused(one, { list: undefined })).toContain(
      'several lists of prices: choose one with --list (prices.csv, second.csv)',
    );
    write('archipel.yaml', configuration(''));
    expect(await refused(one, { list: undefined })).toContain(
      'no list of prices: add `prices: [ { file: ./prices.csv } ]`',
    );
    rmSync(join(cwd, 'archipel.yaml'));
    expect(await refused(one)).toContain('there is no configuration to import into');
  });
});

describe('api.json of models.dev', () => {
  const dearer = catalogue({
    'gpt-5.4': { cost: { input: 3, output: 15, tiers: [{ tier: { size: 272_000 }, input: 6, output: 22.5 }] } },
    'gpt-5.2': { cost: { input: 9, output: 9 } },
  });

  test('gives prices of what the configuration buys, where they differ from those in force', async () => {
    expect(await imported(dearer)).toMatchObject({
      changes: [
        { price: 'openai gpt-5.4', after: { input: '3000000000' }, source: 'models.dev api.json' },
        { price: 'openai gpt-5.4, above 272000 tokens' },
      ],
      lost: [],
      unknown: ['anthropic claude-opus-4-6'],
      written: 2,
    });
    expect(await imported(dearer)).toMatchObject({ written: 0 });
    const all = await imported(dearer, { all: true, dryRun: true });
    expect(all.changes.map(({ price }) => price)).toEqual(['openai gpt-5.2']);
    expect(await imported(dearer, { all: true, model: 'gpt-5.4', dryRun: true })).toMatchObject({ changes: [] });
  });

  test('takes no place of a price that somebody wrote down, and takes that of its own older ones', async () => {
    write('prices.csv', 'vendor,model,input,output\nopenai,gpt-5.4,1,9\n');
    expect(await imported(dearer)).toMatchObject({ changes: [], left: ['openai gpt-5.4'] });
    write('prices.csv', 'vendor,model,input,output,source\nopenai,gpt-5.4,1,9,models.dev of yesterday\n');
    expect(await imported(dearer)).toMatchObject({ written: 2, left: [] });
  });

  test('that is broken is refused with the place', async () => {
    expect(await refused(catalogue({ m: { cost: { input: -1 } } }))).toContain(
      'api.json: openai.models.m.cost.input: ',
    );
  });
});

test('prices that ship are written down for what the configuration buys, so that none changes with another version', async () => {
  const report = await imported({ kind: 'shipped' });
  expect(report.changes.map(({ price }) => price)).toEqual([
    'openai gpt-5.4',
    'openai gpt-5.4, above 272000 tokens',
    'anthropic claude-opus-4-6',
    'anthropic claude-opus-4-6, fast',
  ]);
  expect(report.changes.every(({ percent }) => Object.keys(percent).length === 0)).toBe(true);
  expect(await inForce('2026-06-01')).toEqual([2.5, 15]);
  expect(await imported({ kind: 'shipped' })).toMatchObject({ written: 0 });
});

describe('a comparison with what is in force', () => {
  const compared = async (offer: PriceImport['offer'], more: object = {}) => {
    const filter = { vendor: undefined, model: undefined, all: false, atMs: day('2026-06-15') };
    const changes = await diffPrices({ ...place(), offer, ...filter, ...more });
    if (!changes.ok) throw new Error(changes.fault.join('\n'));
    return changes.value;
  };

  test('tells what a sheet changes by bucket, adds and lacks, on that day', async () => {
    write('prices.csv', 'vendor,model,input,output,from\nopenai,gpt-5.4,2,10,2026-06-01\nopenai,own,1,1,\n');
    const text = [
      'vendor,model,input,output,from,until',
      'openai,gpt-5.4,2.5,9,,',
      'openai,new,1,1,2026-08-01,',
      'openai,past,1,1,2026-01-01,2026-06-15',
    ].join('\n');
    const changes = await compared(sheet(text));
    expect(changes.map(({ price, percent }) => [price, percent])).toEqual([
      ['openai gpt-5.4', { input: 25, output: -10 }],
      ['openai new from 2026-08-01', {}],
      ['openai own', {}],
    ]);
    expect(changes.map(({ before, after }) => [before === null, after === null])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
    expect(await compared(sheet(text), { model: 'new' })).toHaveLength(1);
  });

  test('finds no difference where every bucket would be billed the same', async () => {
    write('prices.csv', 'vendor,model,input,output\nopenai,gpt-5.4,2,10\n');
    expect(await compared(sheet('vendor,model,input,output,cache_read,reasoning\nopenai,gpt-5.4,2,10,2,10\n'))).toEqual(
      [],
    );
  });
});
