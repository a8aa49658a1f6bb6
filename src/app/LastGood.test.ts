import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { silentLog } from '../kernel/index.ts';
import { LastGood } from './LastGood.ts';
import { noonMs, SetClock } from './openTestLedger.fixture.ts';

const state = {
  keys: [
    {
      id: '1',
      organisation: 'default',
      name: 'demo',
      hash: 'a'.repeat(64),
      hint: 'sk-archipel-demo',
      team: 'research',
      models: ['chat'],
      expiresAtMs: null,
      budget: { usd: '5', window: 'month', hard: true },
      limits: null,
      createdAtMs: noonMs,
      revokedAtMs: null,
      replacedBy: null,
    },
  ],
  balances: {
    spool: 'the spool',
    sequence: 7,
    budgets: [
      { id: 'key:demo', window: 'month' as const, timeZone: 'UTC', fromMs: 0, spentNanoUsd: '38000000000000000000' },
    ],
    shares: null,
    organisations: ['default'],
  },
  offers: [],
  served: [],
  capacities: [{ quotaDomain: 'a/main/-/m', requestsPerMinute: 120, tokensPerMinute: 64_000, limited: true }],
  quiets: [{ quotaDomain: 'a/main/-/m', quietMs: 340 }],
};

const folder = (): string => {
  const path = mkdtempSync(join(tmpdir(), 'archipel-last-good-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

const told = vi.fn<(event: string) => void>();
const ports = { clock: new SetClock(), log: { ...silentLog, error: told } };

const written = async (): Promise<string> => {
  const path = folder();
  const lastGood = await LastGood.open(path, ports);
  expect(lastGood.before).toBeNull();
  lastGood.put('keys', state.keys);
  lastGood.put('balances', state.balances);
  lastGood.put('offers', state.offers);
  lastGood.put('served', state.served);
  lastGood.put('capacities', state.capacities);
  lastGood.put('quiets', state.quiets);
  await lastGood.write();
  return path;
};

test('what a start needs is there for the next one as it was put, with when that was', async () => {
  const path = await written();
  expect((await LastGood.open(path, ports)).before).toEqual({ ...state, writtenAtMs: noonMs });
  expect(told).not.toHaveBeenCalled();
});

test('what is damaged, or has another shape, is told and is as if it were not there', async () => {
  const path = await written();
  const file = join(path, 'lastGood.jsonl');
  const text = readFileSync(file, 'utf8');
  for (const harmed of [text.replace('38000000000000000000', '18000000000000000000'), text.slice(0, -20), '{}\n']) {
    told.mockClear();
    writeFileSync(file, harmed);
    expect((await LastGood.open(path, ports)).before).toBeNull();
    expect(told).toHaveBeenCalledOnce();
  }
  told.mockClear();
  const other = await LastGood.open(path, ports);
  other.put('balances', { ...state.balances, sequence: -1 });
  await other.write();
  expect((await LastGood.open(path, ports)).before).toBeNull();
  expect(told).toHaveBeenCalled();
});

test.each(['pacing', 'capacities', 'quiets'] as const)(
  'what was learnt and has another shape (%s) takes nothing else with it',
  async (part) => {
    const path = await written();
    const warned = vi.fn<(event: string, fields?: object) => void>();
    const lastGood = await LastGood.open(path, ports);
    lastGood.put('keys', state.keys);
    lastGood.put('balances', state.balances);
    lastGood.put(part, { lastMs: 'of a newer version' } as never);
    await lastGood.write();
    told.mockClear();
    const { before } = await LastGood.open(path, { ...ports, log: { ...ports.log, warn: warned } });
    expect(before).toEqual({ keys: state.keys, balances: state.balances, writtenAtMs: noonMs });
    expect(warned).toHaveBeenCalledExactlyOnceWith(expect.any(String), expect.objectContaining({ part }));
    expect(told).not.toHaveBeenCalled();
  },
);

test('what only a newer version knows is passed over, and told once', async () => {
  const path = await written();
  const warned = vi.fn<(event: string, fields?: object) => void>();
  const lastGood = await LastGood.open(path, ports);
  lastGood.put('keys', state.keys);
  lastGood.put('weather' as never, { of: 'a newer version' } as never);
  lastGood.put('tides' as never, [] as never);
  await lastGood.write();
  told.mockClear();
  const { before } = await LastGood.open(path, { ...ports, log: { ...ports.log, warn: warned } });
  expect(before).toEqual({ keys: state.keys, writtenAtMs: noonMs });
  expect(warned).toHaveBeenCalledExactlyOnceWith(
    expect.any(String),
    expect.objectContaining({ parts: 'weather, tides' }),
  );
  expect(told).not.toHaveBeenCalled();
});

test('what cannot be written is told until it can, and the old one stays', async () => {
  const path = await written();
  const lastGood = await LastGood.open(path, ports);
  lastGood.put('served', state.served);
  // A folder stands where the file should go.
  rmSync(join(path, 'lastGood.jsonl'));
  mkdirSync(join(path, 'lastGood.jsonl', 'in the way'), { recursive: true });
  await expect(lastGood.write()).rejects.toThrow(/lastGood/);
  expect(lastGood.failure).toMatchObject({ sinceMs: noonMs });
  rmSync(join(path, 'lastGood.jsonl'), { recursive: true });
  await lastGood.write();
  expect(lastGood.failure).toBeNull();
  expect((await LastGood.open(path, ports)).before?.served).toEqual([]);
});
