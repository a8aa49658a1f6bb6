import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { silentLog, silentMetrics } from '../../kernel/index.ts';
import type { FinalRecord, IntentRecord } from '../../vocabulary/index.ts';
import type { Database } from '../database/index.ts';
import { exampleFinal, exampleIntent, machineClock } from '../exampleRecords.ts';
import { openSpool, type Spool } from '../spool/index.ts';
import { startShipper, type Shipper } from './startShipper.ts';

const spoolLimits = { reserveBytes: 4096, groupMs: 1, retainedSegments: 1000 };

/** A spool until the end of the test. */
export const temporarySpool = async (
  segmentBytes = 64 * 1024,
  directory = mkdtempSync(join(tmpdir(), 'archipel-ship-')),
): Promise<Spool> => {
  const { spool } = await openSpool({
    directory,
    clock: machineClock,
    log: silentLog,
    durability: 'group',
    limits: { ...spoolLimits, segmentBytes },
  });
  onTestFinished(async () => {
    await spool.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return spool;
};

/** A shipper until the end of the test, in small batches and without patience. */
export const shipInto = (database: Database, spool: Spool): Shipper => {
  const shipper = startShipper({
    spool,
    database,
    clock: machineClock,
    log: silentLog,
    metrics: silentMetrics,
    limits: { lingerMs: 1, backoffMs: 5, backoffMsMax: 50, batchRecords: 100 },
  });
  onTestFinished(() => shipper.stop());
  return shipper;
};

export const soon = (): AbortSignal => AbortSignal.timeout(25_000);

/** Appends one attempt, from its intent to its final. */
export const attempt = (
  spool: Spool,
  intent: Partial<IntentRecord> = {},
  final: Partial<FinalRecord> = {},
): FinalRecord => {
  const opened = exampleIntent(intent);
  const closed = exampleFinal(opened, final);
  spool.append(opened);
  spool.append(closed);
  return closed;
};
