import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { silentLog, silentMetrics } from '../../kernel/index.ts';
import { settleCapacity, type CapacityPiece } from '../../ledger/index.ts';
import type { FinalRecord } from '../../vocabulary/index.ts';
import {
  attemptTotals,
  contractSpend,
  contractSpendIn,
  contractUseByInterval,
  recentAnswers,
  requestById,
  spentSince,
  usageBy,
} from '../database/index.ts';
import type { Database } from '../database/index.ts';
import { emptyLedger, withoutGuards } from '../database/withoutGuards.fixture.ts';
import { attemptsToldMax } from '../database/requestById.ts';
import { exampleCapacity, exampleRequest, machineClock, noonMs } from '../exampleRecords.ts';
import type { Spool } from '../spool/index.ts';
import { migratedPostgres } from '../migratedPostgres.fixture.ts';
import { verifyLedger } from '../verify/verifyLedger.ts';
import { attempt, shipInto, soon, temporarySpool } from './shipping.fixture.ts';
import { startShipper } from './startShipper.ts';

const { database, server } = migratedPostgres();

const shipperOf = (spool: Spool) => shipInto(database, spool);

const countRows = async (): Promise<{ rows: number; ids: number } | undefined> => {
  const [row] = await database.query<{ rows: number; ids: number }>(
    'SELECT count(*)::integer AS rows, count(DISTINCT attempt_id)::integer AS ids FROM archipel.attempt',
  );
  return row;
};

test('the newest whole answers that came as streams are told, the oldest first, and no more attempts are looked at than wanted', async () => {
  const spool = await temporarySpool();
  const shipper = shipperOf(spool);
  attempt(spool, { startedAtMs: noonMs - 3 });
  attempt(spool, { startedAtMs: noonMs - 1, key: 'late' });
  attempt(spool, { startedAtMs: noonMs - 2, key: 'early' });
  attempt(spool, { stream: false });
  attempt(spool, {}, { basis: 'estimated' });
  await shipper.drain(soon());
  const answer = { model: 'chat-large', inputTokens: 1_200, outputTokens: 60 };
  expect(await recentAnswers(database, 'default', 4)).toEqual([
    { ...answer, key: 'early' },
    { ...answer, key: 'late' },
  ]);
});

describe('shipping', () => {
  test('brings a request and its attempts into the database as they were recorded, 38 G$ and all', async () => {
    const spool = await temporarySpool();
    const shipper = shipperOf(spool);
    const huge = '38000000000000000000';
    const first = attempt(
      spool,
      { hosts: { north: 0.6, south: 0.4 }, jurisdiction: null, lab: null, region: null, contract: null },
      {
        outcome: {
          kind: 'failed',
          failure: { class: 'quota', cause: 'rate_limited', status: 429, retryAfterMs: 1500 },
        },
        usage: {},
        basis: 'estimated',
        firstContentMs: null,
        lines: [],
        amountNanoUsd: '0',
        listNanoUsd: '0',
        rangeNanoUsd: ['0', huge],
        edits: [],
      },
    );
    const usage = {
      input: 1,
      cacheRead: 2,
      cacheWrite5m: 3,
      cacheWrite1h: 4,
      inputAudio: 5,
      inputImage: 6,
      output: 7,
      reasoning: 8,
      outputAudio: 9,
      outputImage: 10,
      requests: Number.MAX_SAFE_INTEGER,
      acceleratorSeconds: 12,
    };
    const second = attempt(
      spool,
      { requestId: first.requestId, attempt: 2 },
      { usage, amountNanoUsd: huge, edits: ['model', 'max_tokens->max_completion_tokens, "quoted"'] },
    );
    const request = exampleRequest([first, second]);
    spool.append(request);
    await shipper.drain(soon());
    expect(await requestById(database, 'default', first.requestId)).toEqual({ request, attempts: [first, second] });
    expect(await requestById(database, 'other', first.requestId)).toBeNull();
  });

  test('drains what was appended before, over many batches and segments, and passes the checkpoint behind it', async () => {
    const spool = await temporarySpool(4096);
    const finals = Array.from({ length: 500 }, () => attempt(spool));
    const shipper = shipperOf(spool);
    await shipper.drain(soon());
    expect(await countRows()).toEqual({ rows: finals.length, ids: finals.length });
    expect(spool.shipped.sequence).toBe(spool.appendedSequence);
    await shipper.drain(soon());
  });

  describe('while full batches follow each other', () => {
    const shipQuietly = (spool: Spool, into: Database) =>
      startShipper({
        spool,
        database: into,
        // No second ever passes.
        clock: { ...machineClock, monotonicMs: () => 0 },
        log: silentLog,
        metrics: silentMetrics,
        limits: { lingerMs: 1, backoffMs: 5, backoffMsMax: 50, batchRecords: 100 },
      });

    test('moves the checkpoint now and then, and behind the last of them', async () => {
      const spool = await temporarySpool();
      const advance = vi.spyOn(spool, 'advance');
      for (let count = 0; count < 500; count++) attempt(spool);
      await spool.flush();
      const shipper = shipQuietly(spool, database);
      onTestFinished(() => shipper.stop());
      await vi.waitFor(() => expect(spool.shipped.sequence).toBe(spool.appendedSequence), 25_000);
      expect(await countRows()).toEqual({ rows: 500, ids: 500 });
      // The first of the ten batches, since none had been there, and the last.
      expect(advance).toHaveBeenCalledTimes(2);
    });

    test('leaves no checkpoint behind when it is stopped among them', async () => {
      const spool = await temporarySpool();
      for (let count = 0; count < 500; count++) attempt(spool);
      await spool.flush();
      let commits = 0;
      const stopped = Promise.withResolvers<void>();
      const shipper = shipQuietly(spool, {
        ...database,
        async transaction(act) {
          const value = await database.transaction(act);
          commits++;
          if (commits === 3) stopped.resolve(shipper.stop());
          return value;
        },
      });
      await stopped.promise;
      expect(spool.shipped.sequence).toBe(300);
      expect(await countRows()).toEqual({ rows: 150, ids: 150 });
    });
  });

  test('tells once what a record has spent of a shared budget, also where the checkpoint behind it cannot be written', async () => {
    const spool = await temporarySpool();
    vi.spyOn(spool, 'advance').mockRejectedValueOnce(new Error('the disk is full on purpose'));
    const shipper = startShipper({
      spool,
      database,
      isShared: true,
      clock: machineClock,
      log: silentLog,
      metrics: silentMetrics,
      limits: { lingerMs: 1, backoffMs: 5 },
    });
    onTestFinished(() => shipper.stop());
    const told: bigint[] = [];
    shipper.onMoved((moves) => told.push(...moves.map(({ amountNanoUsd }) => amountNanoUsd)));
    attempt(spool, { budgets: [['key:demo', noonMs]] }, { amountNanoUsd: '5' });
    await shipper.drain(soon());
    expect(spool.shipped.sequence).toBe(2);
    expect(told).toEqual([5n]);
  });

  test('changes nothing when the same records come again, as after a crash between commit and checkpoint', async () => {
    const spool = await temporarySpool();
    const final = attempt(spool);
    spool.append(exampleRequest([final]));
    await spool.flush();
    const before = mkdtempSync(join(tmpdir(), 'archipel-ship-'));
    cpSync(spool.directory, before, { recursive: true });
    rmSync(join(before, 'spool.lock'));
    await shipperOf(spool).drain(soon());
    const again = await temporarySpool(64 * 1024, before);
    expect(again.shipped.sequence).toBe(0);
    await shipperOf(again).drain(soon());
    expect(await countRows()).toEqual({ rows: 1, ids: 1 });
  });

  test('survives a PostgreSQL that is killed under it, without loss or doubles', async () => {
    const spool = await temporarySpool();
    const shipper = shipperOf(spool);
    let appended = 0;
    for (let kills = 0; kills < 3; kills++) {
      for (let index = 0; index < 300; index++, appended++) attempt(spool);
      await expect
        .poll(async () => (await countRows().catch(() => undefined))?.rows ?? 0, { timeout: 20_000 })
        .toBeGreaterThan(0);
      const before = server().postgres.pid;
      process.kill(before, 'SIGKILL');
      for (let index = 0; index < 300; index++, appended++) attempt(spool);
      await expect.poll(() => server().postgres.pid, { timeout: 20_000 }).not.toBe(before);
    }
    await shipper.drain(soon());
    expect(shipper.failure()).toBeNull();
    expect(await countRows()).toEqual({ rows: appended, ids: appended });
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([]);
  });

  test('says why it stands still, keeps nothing in memory, and a drain ends with its signal', async () => {
    const spool = await temporarySpool();
    await database.query('ALTER TABLE archipel.attempt RENAME TO hidden');
    const shipper = shipperOf(spool);
    attempt(spool);
    await expect(shipper.drain(AbortSignal.timeout(100))).rejects.toThrow(/timeout/);
    await expect.poll(() => shipper.failure(), { timeout: 10_000 }).toMatch(/does not exist/);
    await database.query('ALTER TABLE archipel.hidden RENAME TO attempt');
    await expect.poll(() => shipper.failure(), { timeout: 10_000 }).toBeNull();
  });

  test('ships all that the spool still holds again where the database lacks what it had, as after a failover to a copy that was behind', async () => {
    const spool = await temporarySpool();
    const shipper = shipperOf(spool);
    for (let index = 0; index < 5; index += 1) attempt(spool);
    await shipper.drain(soon());
    await withoutGuards(database, (queries) => queries.query('DELETE FROM archipel.attempt'));
    // What is missing where the ranges are all there was taken away on purpose.
    attempt(spool);
    await shipper.drain(soon());
    expect(await countRows()).toEqual({ rows: 1, ids: 1 });
    await emptyLedger(database);
    attempt(spool);
    await shipper.drain(soon());
    expect(await countRows()).toEqual({ rows: 7, ids: 7 });
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([]);
  });

  test('stands still between two shipments for who must know what the database holds, and not before all that was left is in it', async () => {
    const spool = await temporarySpool();
    attempt(spool);
    await spool.flush();
    const shipper = shipperOf(spool);
    const rowsAt = async ({ sequence }: { sequence: number }) => {
      const before = await countRows();
      attempt(spool);
      await spool.flush();
      return { sequence, before, after: await countRows() };
    };
    expect(await shipper.between(rowsAt, soon())).toEqual({
      sequence: 2,
      before: { rows: 1, ids: 1 },
      after: { rows: 1, ids: 1 },
    });
    await shipper.drain(soon());
    expect(await countRows()).toEqual({ rows: 2, ids: 2 });
    // Without anything to ship as well.
    expect(await shipper.between(({ sequence }) => Promise.resolve(sequence), soon())).toBe(4);
    await expect(shipper.between(() => Promise.reject(new Error('no')), soon())).rejects.toThrow('no');
    await database.query('ALTER TABLE archipel.attempt RENAME TO hidden');
    attempt(spool);
    await expect.poll(() => shipper.failure(), { timeout: 10_000 }).toMatch(/does not exist/);
    await expect(shipper.between(() => Promise.resolve(1), AbortSignal.timeout(50))).rejects.toThrow(/timeout/);
    await database.query('ALTER TABLE archipel.hidden RENAME TO attempt');
    await shipper.drain(soon());
  });

  test('tells once what records have spent, however often the checkpoint behind them cannot be moved', async () => {
    const spool = await temporarySpool();
    const advance = vi.spyOn(spool, 'advance');
    for (let count = 0; count < 3; count += 1) advance.mockRejectedValueOnce(new Error('no space is left'));
    const shipper = startShipper({
      spool,
      database,
      isShared: true,
      clock: machineClock,
      log: silentLog,
      metrics: silentMetrics,
      limits: { lingerMs: 1, backoffMs: 1, backoffMsMax: 1 },
    });
    onTestFinished(() => shipper.stop());
    const told: bigint[] = [];
    shipper.onMoved((moves) => told.push(...moves.map(({ amountNanoUsd }) => amountNanoUsd)));
    const final = attempt(spool, { budgets: [['team:research', 5]] });
    await shipper.drain(soon());
    expect(told).toEqual([BigInt(final.amountNanoUsd)]);
    expect(advance).toHaveBeenCalledTimes(4);
    expect(spool.shipped.sequence).toBe(2);
    expect(shipper.failure()).toBeNull();
  });

  test('ships on, however many wait for a moment between two shipments', async () => {
    const spool = await temporarySpool();
    const shipper = shipperOf(spool);
    const ended = new AbortController();
    const moment = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    const wait = async (): Promise<void> => {
      while (!ended.signal.aborted) await shipper.between(moment, soon());
    };
    const waiting = wait();
    attempt(spool);
    await shipper.drain(soon());
    ended.abort();
    await waiting;
    expect(await countRows()).toEqual({ rows: 1, ids: 1 });
  });

  test('keeps aside what the database refuses for its contents, and goes on with the rest', async () => {
    const spool = await temporarySpool();
    await database.query("ALTER TABLE archipel.attempt ADD CONSTRAINT planted CHECK (team <> 'poison')");
    onTestFinished(async () => {
      await database.query('ALTER TABLE archipel.attempt DROP CONSTRAINT planted');
    });
    const good = Array.from({ length: 20 }, () => attempt(spool));
    const bad = attempt(spool, { team: 'poison' });
    const shipper = shipperOf(spool);
    await shipper.drain(soon());
    expect(await countRows()).toEqual({ rows: good.length, ids: good.length });
    const { faults } = await verifyLedger(database, spool.directory);
    expect(faults.map((fault) => [fault.kind, fault.id])).toEqual([
      ['missing_attempt', bad.attemptId],
      ['rejected_record', bad.attemptId],
    ]);
  });

  test('takes texts that PostgreSQL cannot store, with the replacement character [A22]', async () => {
    const spool = await temporarySpool();
    const request = exampleRequest([], {
      model: 'zero \0 and half \ud800',
      attemptIds: [],
      status: 404,
      errorCode: 'unknown_model',
    });
    spool.append(request);
    await shipperOf(spool).drain(soon());
    const stored = await requestById(database, 'default', request.requestId);
    expect(stored?.request?.model).toBe('zero \ufffd and half \ufffd');
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([]);
  });

  test('makes a partition again that somebody dropped', async () => {
    const spool = await temporarySpool();
    const shipper = shipperOf(spool);
    attempt(spool);
    await shipper.drain(soon());
    await database.query('DROP TABLE archipel.attempt_2026_11');
    attempt(spool);
    await shipper.drain(soon());
    expect(await countRows()).toEqual({ rows: 1, ids: 1 });
  });

  test('puts an attempt into the month inside its id, on both sides of a border', async () => {
    const spool = await temporarySpool();
    const border = Date.UTC(2026, 11, 1);
    const before = attempt(spool, { startedAtMs: border - 1 });
    const after = attempt(spool, { startedAtMs: border, requestId: before.requestId, attempt: 2 });
    spool.append(exampleRequest([before, after]));
    await shipperOf(spool).drain(soon());
    const stored = await requestById(database, 'default', before.requestId);
    expect(stored?.attempts.map((row) => row.attemptId)).toEqual([before.attemptId, after.attemptId]);
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([]);
  });
});

describe('what the ledger answers', () => {
  const minuteMs = 60_000;

  const threeAttempts = async (): Promise<void> => {
    const spool = await temporarySpool();
    attempt(spool, { hosts: { north: 0.6, south: 0.4 }, key: 'a', startedAtMs: noonMs }, { amountNanoUsd: '1001' });
    attempt(
      spool,
      { hosts: { north: 0.6, south: 0.4 }, key: 'b', startedAtMs: noonMs + 10_000 },
      { amountNanoUsd: '2000', basis: 'estimated', rangeNanoUsd: ['0', '2500'] },
    );
    attempt(
      spool,
      {
        vendor: 'borealis',
        provider: 'borealis',
        hosts: { west: 1, east: 1, south: 1 },
        key: 'b',
        contract: null,
        startedAtMs: noonMs + 2 * minuteMs,
      },
      { amountNanoUsd: '10', outcome: { kind: 'unknown' }, basis: 'unknown', rangeNanoUsd: ['0', '9000010'] },
    );
    await shipperOf(spool).drain(soon());
  };

  const query = { organisation: 'default' } as const;

  test('usage by each group sums to the same total', async () => {
    await threeAttempts();
    for (const groupBy of ['provider', 'vendor', 'host', 'model', 'team', 'key', 'contract', 'day'] as const) {
      const rows = await usageBy(database, { ...query, groupBy });
      const sum = (pick: (row: (typeof rows)[number]) => string): bigint =>
        rows.reduce((total, row) => total + BigInt(pick(row)), 0n);
      expect(
        sum((row) => row.amountNanoUsd),
        groupBy,
      ).toBe(3011n);
      expect(
        sum((row) => row.listNanoUsd),
        groupBy,
      ).toBe(3011n);
      expect(
        sum((row) => row.unknownUpToNanoUsd),
        groupBy,
      ).toBe(9_000_500n);
      expect(
        sum((row) => row.usage.input),
        groupBy,
      ).toBe(3000n);
    }
    expect(await usageBy(database, { organisation: 'other', groupBy: 'host' })).toEqual([]);
  });

  test('usage by vendor counts how much of it is reported, estimated and unknown', async () => {
    await threeAttempts();
    const rows = await usageBy(database, { ...query, groupBy: 'vendor' });
    expect(
      rows.map(({ group, attempts, reported, estimated, unknown }) => [group, attempts, reported, estimated, unknown]),
    ).toEqual([
      ['aurora', 2, 1, 1, 0],
      ['borealis', 1, 0, 0, 1],
    ]);
    expect(await usageBy(database, { ...query, groupBy: 'day' })).toMatchObject([{ group: '2026-11-15', attempts: 3 }]);
    expect((await usageBy(database, { ...query, groupBy: 'contract' })).map((row) => row.group)).toEqual([
      'aurora-pool',
      null,
    ]);
  });

  test('usage by host is split exactly: shares rounded down, what is left to the largest', async () => {
    await threeAttempts();
    const rows = await usageBy(database, { ...query, groupBy: 'host' });
    expect(rows.map((row) => [row.group, row.amountNanoUsd, row.attempts])).toEqual([
      ['east', '4', 1],
      ['north', '1801', 2],
      ['south', '1203', 3],
      ['west', '3', 1],
    ]);
  });

  test('a stretch of time is half open', async () => {
    await threeAttempts();
    const within = async (fromMs: number, toMs: number) =>
      (await usageBy(database, { ...query, groupBy: 'team', fromMs, toMs })).map((row) => row.attempts);
    expect(await within(noonMs, noonMs + 2 * minuteMs)).toEqual([2]);
    expect(await within(noonMs + 1, noonMs + 2 * minuteMs + 1)).toEqual([2]);
    expect(await within(noonMs - 1, noonMs)).toEqual([]);
  });

  test('totals since a moment, by one dimension or several', async () => {
    await threeAttempts();
    const spent = await spentSince(database, { ...query, by: 'key', fromMs: noonMs });
    expect(
      [...spent].map(([key, total]) => [key, total.amountNanoUsd, total.upToNanoUsd, total.chargeNanoUsd]),
    ).toEqual([
      ['a', '1001', '1001', '1001'],
      ['b', '2010', '9002510', '9002010'],
    ]);
    expect((await spentSince(database, { ...query, by: 'contract', fromMs: noonMs })).size).toBe(1);
    const pairs = await attemptTotals(database, { ...query, fromMs: noonMs, keys: ['key', 'vendor'] });
    expect(pairs.map((total) => total.group)).toEqual([
      { key: 'a', vendor: 'aurora' },
      { key: 'b', vendor: 'aurora' },
      { key: 'b', vendor: 'borealis' },
    ]);
    const hosts = await attemptTotals(database, { ...query, fromMs: noonMs, keys: ['hosts'] });
    expect(hosts.map((total) => JSON.parse(total.group.hosts ?? ''))).toContainEqual({ north: 0.6, south: 0.4 });
  });

  test('what a contract and a floor took', async () => {
    await threeAttempts();
    const stretch = { ...query, contract: 'aurora-pool', fromMs: noonMs, toMs: noonMs + 10 * minuteMs };
    expect(await contractSpend(database, stretch)).toEqual({
      attempts: 2,
      acceleratorSeconds: '0',
      amountNanoUsd: '3001',
      upToNanoUsd: '3501',
    });
    const shared = { organisations: [query.organisation, 'nobody'], contract: 'aurora-pool' };
    const borders = [noonMs - minuteMs, noonMs, noonMs + minuteMs / 2, noonMs + 10 * minuteMs];
    expect(await contractSpendIn(database, shared, borders)).toEqual([0n, 3001n, 0n]);
    const intervals = await contractUseByInterval(database, {
      ...shared,
      startMs: noonMs - 2 * minuteMs,
      intervalMs: minuteMs,
      fromMs: noonMs - 2 * minuteMs,
      toMs: noonMs + 10 * minuteMs,
    });
    expect(intervals).toMatchObject([{ interval: 2, amountNanoUsd: 3001n, isCapacity: false }]);
    expect(await contractSpend(database, { ...stretch, contract: 'none' })).toMatchObject({
      attempts: 0,
      amountNanoUsd: '0',
    });
  });
});

describe('capacity of jobs', () => {
  const hourMs = 3_600_000;
  const dayMs = 24 * hourMs;

  /** Pieces of an hour, so many days after the job began. */
  const hourAfter = (days: number, change: Partial<CapacityPiece> = {}): FinalRecord => {
    const fromMs = noonMs + days * dayMs;
    return settleCapacity(exampleCapacity({ fromMs, untilMs: fromMs + hourMs, ...change }));
  };

  const ship = async (...pieces: readonly FinalRecord[]): Promise<Spool> => {
    const spool = await temporarySpool();
    for (const piece of pieces) spool.append(piece);
    const shipper = shipperOf(spool);
    await shipper.drain(soon());
    await shipper.stop();
    return spool;
  };

  const idOf = ({ requestId }: FinalRecord): string => requestId;

  test('is found by the job, over all of its months, without an intent or a request; and verify has nothing against it', async () => {
    const pieces = [0, 10, 40, 100].map((days) => hourAfter(days));
    const spool = await ship(...pieces);
    const jobId = idOf(pieces[0]!);
    expect(spool.recent(jobId)).toEqual({ request: null, attempts: pieces });
    expect(await requestById(database, 'default', jobId)).toEqual({ request: null, attempts: pieces });
    expect((await verifyLedger(database, spool.directory)).faults).toEqual([]);
  });

  test('that is told again, as after a crash, is one row and one attempt', async () => {
    const [first, second] = [hourAfter(0), hourAfter(1)];
    const spool = await ship(first, second, first, hourAfter(1));
    expect(await countRows()).toEqual({ rows: 2, ids: 2 });
    expect(spool.recent(idOf(first))?.attempts).toEqual([first, second]);
    const report = await verifyLedger(database, spool.directory);
    expect(report).toMatchObject({ checked: { finals: 4, attempts: 2 }, faults: [] });
    await shipperOf(await ship(first)).drain(soon());
    expect(await countRows()).toEqual({ rows: 2, ids: 2 });
  });

  test('control: told again with another length it counts as it was told first, and verify tells of it', async () => {
    const told = hourAfter(0);
    const longer = hourAfter(0, { untilMs: noonMs + 2 * hourMs });
    const spool = await ship(told, longer);
    expect(await requestById(database, 'default', idOf(told))).toEqual({ request: null, attempts: [told] });
    expect(await usageBy(database, { organisation: 'default', groupBy: 'vendor' })).toMatchObject([
      { attempts: 1, usage: { acceleratorSeconds: '28800' }, amountNanoUsd: told.amountNanoUsd },
    ]);
    expect((await verifyLedger(database, spool.directory)).faults).toMatchObject([
      {
        kind: 'different_attempt',
        id: told.attemptId,
        detail: `amount ${longer.amountNanoUsd} in the spool, ${told.amountNanoUsd} in the row`,
      },
    ]);
  });

  test('is told from the newest piece back where a job has more than are told', async () => {
    const pieces = Array.from({ length: attemptsToldMax + 2 }, (_, index) => hourAfter(index / 24));
    await ship(...pieces);
    const stored = await requestById(database, 'default', idOf(pieces[0]!));
    expect(stored?.attemptsLeftOut).toBe(2);
    expect(stored?.attempts.map(({ attemptId }) => attemptId)).toEqual(
      pieces.slice(2).map(({ attemptId }) => attemptId),
    );
  });

  test('is grouped as requests are, and each group has seconds that sum to the whole', async () => {
    const spool = await ship(
      hourAfter(0),
      hourAfter(1, { identity: { ...exampleCapacity().identity, hosts: { west: 0.3, east: 0.7 }, contract: null } }),
    );
    attempt(spool);
    await shipperOf(spool).drain(soon());
    for (const groupBy of ['provider', 'vendor', 'host', 'model', 'team', 'key', 'contract', 'day'] as const) {
      const rows = await usageBy(database, { organisation: 'default', groupBy });
      const seconds = rows.map(({ usage }) => BigInt(usage.acceleratorSeconds));
      expect(
        seconds.reduce((sum, one) => sum + one, 0n),
        groupBy,
      ).toBe(57_600n);
      expect(
        rows.reduce((sum, { usage }) => sum + BigInt(usage.input), 0n),
        groupBy,
      ).toBe(1_000n);
      expect(
        rows.reduce(
          (sum, { amountNanoUsd, capacityNanoUsd }) => sum + BigInt(amountNanoUsd) - BigInt(capacityNanoUsd),
          0n,
        ),
        groupBy,
      ).toBe(2_400_000n);
      expect(
        rows.reduce((sum, { capacityListNanoUsd }) => sum + BigInt(capacityListNanoUsd), 0n),
        groupBy,
      ).toBe(64_000_000_000n);
    }
    expect(await usageBy(database, { organisation: 'default', groupBy: ['provider', 'model'] })).toMatchObject([
      { groups: ['aurora', 'chat-large'], usage: { acceleratorSeconds: '0', requests: '1' } },
      { groups: ['north-1', 'own-small-train'], attempts: 2, usage: { acceleratorSeconds: '57600', requests: '0' } },
    ]);
  });

  test('counts towards its contract in seconds and money, and towards totals in money alone', async () => {
    const piece = hourAfter(0);
    await ship(piece, hourAfter(1));
    const stretch = { organisation: 'default', contract: 'north-slot', fromMs: noonMs, toMs: noonMs + hourMs };
    expect(await contractSpend(database, stretch)).toMatchObject({
      attempts: 1,
      acceleratorSeconds: '28800',
      amountNanoUsd: piece.amountNanoUsd,
    });
    const totals = await attemptTotals(database, {
      organisation: 'default',
      fromMs: noonMs,
      keys: ['vendor', 'hosts', 'jurisdiction', 'team'],
    });
    expect(totals).toMatchObject([
      {
        group: { vendor: 'aurora', hosts: '{"north": 1}', jurisdiction: 'EU', team: 'research' },
        tokens: '0',
        amountNanoUsd: (2n * BigInt(piece.amountNanoUsd)).toString(),
        chargeNanoUsd: (2n * BigInt(piece.amountNanoUsd)).toString(),
      },
    ]);
  });
});

describe('verify', () => {
  const shippedLedger = async (): Promise<{ spool: Spool; finals: FinalRecord[] }> => {
    const spool = await temporarySpool();
    const finals = Array.from({ length: 5 }, () => {
      const final = attempt(spool);
      spool.append(exampleRequest([final]));
      return final;
    });
    const shipper = shipperOf(spool);
    await shipper.drain(soon());
    await shipper.stop();
    return { spool, finals };
  };

  test('finds nothing in a sound ledger, and does not call waiting records lost', async () => {
    const { spool } = await shippedLedger();
    attempt(spool);
    await spool.flush();
    expect(await verifyLedger(database, spool.directory)).toEqual({
      checked: { finals: 5, requests: 5, attempts: 5, journals: 1, lines: 4, ranges: 1 },
      waiting: 1,
      gone: 0,
      faults: [],
    });
  });

  /** What somebody does to the row of one attempt ($1), and what verify must say. */
  const tamperings = [
    [
      'a deleted row',
      'DELETE FROM archipel.attempt WHERE attempt_id = $1',
      ['missing_attempt', 'attempt_of_request_missing', 'journal_differs'],
    ],
    [
      'a changed amount',
      'UPDATE archipel.attempt SET amount_nano_usd = amount_nano_usd + 1 WHERE attempt_id = $1',
      ['different_attempt', 'lines_do_not_sum', 'journal_differs'],
    ],
    [
      'changed usage',
      'UPDATE archipel.attempt SET usage_output = usage_output + 1 WHERE attempt_id = $1',
      ['different_attempt'],
    ],
    [
      'changed accelerator-seconds',
      'UPDATE archipel.attempt SET usage_accelerator_seconds = 1 WHERE attempt_id = $1',
      ['different_attempt'],
    ],
    [
      'a changed outcome',
      `UPDATE archipel.attempt SET outcome = '{"kind": "cancelled"}' WHERE attempt_id = $1`,
      ['different_attempt'],
    ],
    ['changed lines', "UPDATE archipel.attempt SET lines = '[]' WHERE attempt_id = $1", ['lines_do_not_sum']],
    [
      'a row in another month',
      "UPDATE archipel.attempt SET month = '2026-12-01' WHERE attempt_id = $1",
      ['wrong_month', 'journal_differs', 'journal_differs', 'journal_missing'],
    ],
    [
      'a row doubled into another month',
      `INSERT INTO archipel.attempt
       SELECT (jsonb_populate_record(stored, '{"month": "2026-12-01"}')).* FROM archipel.attempt AS stored WHERE attempt_id = $1`,
      ['doubled_attempt', 'wrong_month', 'two_months', 'journal_missing', 'journal_differs'],
    ],
    ['a deleted request', 'DELETE FROM archipel.request WHERE $1 = ANY(attempt_ids)', ['missing_request']],
  ] as const;

  test.each(tamperings)('control: %s is found', async (_name, sql, kinds) => {
    const { spool, finals } = await shippedLedger();
    await database.query('SELECT archipel.ensure_month($1::date)', ['2026-12-01']);
    await withoutGuards(database, (queries) => queries.query(sql, [finals[2]!.attemptId]));
    const { faults } = await verifyLedger(database, spool.directory);
    expect(faults.map((fault) => fault.kind)).toEqual([...kinds]);
    const { requestId, attemptId } = finals[2]!;
    for (const { kind, id } of faults) if (!kind.startsWith('journal')) expect([requestId, attemptId]).toContain(id);
  });
});
