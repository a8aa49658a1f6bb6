import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as bodyText } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { UsageError, type Command, type OptionValues } from '../Command.ts';
import { keepingTerminal } from '../keepingTerminal.fixture.ts';
import { offersImport, offersList } from './offers.ts';

const cwd = mkdtempSync(join(tmpdir(), 'archipel-offers-'));

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly body: unknown;
}

const asked: Asked[] = [];
let answer: { readonly status: number; readonly body: unknown } = { status: 200, body: {} };

/** A control plane that answers what it is told to, and remembers what it was asked. */
const control = createServer((request, response) => {
  void bodyText(request).then((body) => {
    asked.push({ method: request.method, url: request.url, body: body === '' ? null : JSON.parse(body) });
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
  });
});

let url = '';
beforeAll(async () => {
  await new Promise<void>((resolve) => void control.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(control.address() as AddressInfo).port}`;
});
beforeEach(() => void asked.splice(0));
afterAll(() => {
  control.close();
  rmSync(cwd, { recursive: true, force: true });
});

const run = async (command: Command, options: OptionValues = {}, positionals: readonly string[] = []) => {
  const { terminal, written } = keepingTerminal(cwd);
  const code = await command.run({ options: { url, 'admin-key': 'k', ...options }, positionals, terminal });
  return { code, ...written };
};

test('an import sends the list as it is, under the name of its file', async () => {
  writeFileSync(join(cwd, 'gpu-offers.csv'), 'cloud,"é"\r\n');
  answer = {
    status: 200,
    body: { name: 'gpu-offers', date: null, rows: 2_086, priced: 1_385, warnings: ['line 3: so; do'] },
  };
  const { code, stdout } = await run(offersImport, {}, ['gpu-offers.csv']);
  expect(asked).toEqual([
    { method: 'PUT', url: '/admin/v1/offers', body: { name: 'gpu-offers', date: null, csv: 'cloud,"é"\r\n' } },
  ]);
  expect([code, stdout]).toEqual([
    0,
    'warning: line 3: so; do\nimported gpu-offers: 2,086 offers, 1,385 of them with a price\n',
  ]);
});

test('name and day of the prices can be told', async () => {
  writeFileSync(join(cwd, 'x.csv'), '');
  answer = { status: 200, body: { name: 'mine', date: '2026-07-02', rows: 1, priced: 1, warnings: [] } };
  const { stdout } = await run(offersImport, { name: 'mine', date: '2026-07-02' }, ['x.csv']);
  expect(asked[0]?.body).toEqual({ name: 'mine', date: '2026-07-02', csv: '' });
  expect(stdout).toBe('imported mine 2026-07-02: 1 offers, 1 of them with a price\n');
});

test('what is wrong in a list is said, and the command fails', async () => {
  writeFileSync(join(cwd, 'x.csv'), 'cloud\n');
  answer = {
    status: 400,
    body: { error: { code: 'bad_request', message: 'line 1, region: the header lacks this column' } },
  };
  expect(await run(offersImport, {}, ['x.csv'])).toEqual({
    code: 1,
    stdout: '',
    stderr: 'archipel: line 1, region: the header lacks this column\n',
  });
});

test('a file that is none, no text, or far too large is refused before anything is sent', async () => {
  writeFileSync(join(cwd, 'bytes.csv'), Buffer.from([0xff, 0xfe, 0x00]));
  writeFileSync(join(cwd, 'large.csv'), '');
  truncateSync(join(cwd, 'large.csv'), 4_194_305);
  for (const [file, message] of [
    ['missing.csv', /missing\.csv cannot be read: ENOENT/],
    ['bytes.csv', /bytes\.csv cannot be read/],
    ['large.csv', /large\.csv has 4194305 bytes: a list has at most 4194304/],
  ] as const) {
    const refused = run(offersImport, {}, [file]);
    await expect(refused).rejects.toThrow(UsageError);
    await expect(refused).rejects.toThrow(message);
  }
  expect(asked).toEqual([]);
});

const offer = {
  cloud: 'aws',
  region: 'us-east-1',
  instance: 'p5.48xlarge',
  accelerator: 'H100',
  count: 8,
  hourNanoUsd: '6880000000',
  spotHourNanoUsd: '3302400000',
  spotEstimated: true,
  source: 'gpu-offers 2026-07-02: karpenter-aws',
};

const list = {
  name: 'gpu-offers',
  date: '2026-07-02',
  importedAt: '2026-11-25T12:00:00.000Z',
  rows: 2_086,
  priced: 1_385,
};

test('offers are shown per accelerator-hour, and one without a price with none', async () => {
  const unpriced = { ...offer, region: null, hourNanoUsd: null, spotHourNanoUsd: null, spotEstimated: false };
  answer = { status: 200, body: { lists: [list], matched: 5, offers: [offer, unpriced] } };
  const { code, stdout } = await run(offersList, { accelerator: 'H100 x' });
  expect(asked[0]?.url).toBe('/admin/v1/offers?accelerator=H100%20x');
  expect(code).toBe(0);
  expect(stdout.split('\n')).toEqual([
    'LIST        PRICES OF   IMPORTED    OFFERS  PRICED',
    'gpu-offers  2026-07-02  2026-11-25   2,086   1,385',
    '',
    'ACCELERATOR  CLOUD  REGION     INSTANCE     COUNT  PER ACCELERATOR-HOUR                 SPOT  SOURCE',
    'H100         aws    us-east-1  p5.48xlarge      8               $6.8800  $3.3024 (estimated)  gpu-offers 2026-07-02: karpenter-aws',
    'H100         aws    -          p5.48xlarge      8                     -                    -  gpu-offers 2026-07-02: karpenter-aws',
    '',
    'and 3 more; ask for one kind with --accelerator',
    '',
  ]);
});

test('without lists, or without an offer of the kind, it says so', async () => {
  answer = { status: 200, body: { lists: [], matched: 0, offers: [] } };
  expect((await run(offersList)).stdout).toBe('none; import a list with "archipel offers import <file>"\n');
  expect(asked[0]?.url).toBe('/admin/v1/offers');
  answer = { status: 200, body: { lists: [list], matched: 0, offers: [] } };
  expect((await run(offersList, { accelerator: 'GB400' })).stdout).toMatch(/\n\nno offer of this kind\n$/);
});

test('the answer is there for programs as it came', async () => {
  answer = { status: 200, body: { lists: [list], matched: 1, offers: [offer] } };
  expect(JSON.parse((await run(offersList, { json: true })).stdout)).toEqual(answer.body);
});
