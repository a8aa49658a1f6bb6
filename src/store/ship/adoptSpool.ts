import { errorMessage, silentMetrics } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import type { Database } from '../database/index.ts';
import { leaveFleet, silenceOf } from '../database/replicas.ts';
import { storeError } from '../errors.ts';
import { releaseLeases } from '../leases/index.ts';
import { openSpool, readAdoptedMark, segmentInstance, nodeFiles, writeAdoptedMark } from '../spool/index.ts';
import { startShipper, type ShipperLimits } from './startShipper.ts';

export interface AdoptOptions {
  /** The spool folder itself. */
  readonly directory: string;
  /** Whose schema is what this program needs. */
  readonly database: Database;
  readonly clock: Clock;
  /** Told what is cut of a torn tail, and where. */
  readonly log: Log;
  /** Ends it before all is shipped; called again it goes on. */
  readonly signal: AbortSignal;
  /** Bounds of the shipping, where others than usual are wanted. */
  readonly limits?: Partial<ShipperLimits>;
}

/** What became of a spool whose process is gone for good. */
export interface AdoptedSpool {
  /** UUID of the spool. */
  readonly instance: string;
  /** Whether it was adopted before: then nothing was left to do. */
  readonly wasAdopted: boolean;
  /** Attempts that were cut off, settled as of unknown cost within their holds, by this call. */
  readonly intentsWithoutFinal: number;
  /** Finals and requests that were brought to the database, as far as the spool knew that they were not there. */
  readonly finals: number;
  readonly requests: number;
  /** Bytes of a half-written tail that were cut. */
  readonly tornBytes: number;
}

/** A replica that beat so shortly ago lives. */
const livesMs = 5_000;

const nothing = { intentsWithoutFinal: 0, finals: 0, requests: 0, tornBytes: 0 };

/**
 * Takes over the spool of a process that never comes back: settles what it left open, ships all of it under its own instance, and marks the folder so that no
 * process writes there again. Ended at any point and called again it goes on, and nothing is shipped twice.
 * @throws CodedError spool_missing, spool_damaged, spool_newer, data_dir_live, database_unavailable
 */
export const adoptSpool = async (options: AdoptOptions): Promise<AdoptedSpool> => {
  const { directory, database, clock, log, signal, limits = {} } = options;
  const mark = await readAdoptedMark(nodeFiles, directory);
  if (mark !== null) {
    await releaseLeases(database, mark.instance);
    await leaveFleet(database, mark.instance);
    return { instance: mark.instance, wasAdopted: true, ...nothing };
  }
  const found = await segmentInstance(directory);
  if (found === null) throw storeError('spool_missing', `${directory} holds no spool.`);
  const silentMs = await silenceOf(database, found);
  if (silentMs !== null && silentMs < livesMs)
    throw storeError(
      'data_dir_live',
      `The replica of ${directory} was heard ${(silentMs / 1_000).toFixed(1)} s ago: its process lives, perhaps on another machine. Stop it first; after a kill try again in ${livesMs / 1_000} s.`,
    );
  const { spool, recovered } = await openSpool({ directory, clock, log, durability: 'strict' });
  const shipper = startShipper({ spool, database, isShared: true, clock, log, metrics: silentMetrics, limits });
  try {
    await shipper.drain(signal).catch((error: unknown) => {
      throw storeError(
        'database_unavailable',
        `Not all records are in the database yet: ${shipper.failure() ?? errorMessage(error)}`,
        {
          cause: error,
        },
      );
    });
    await shipper.stop();
    // All that it spent is there: what it had free is for others again.
    await releaseLeases(database, spool.instance);
    await writeAdoptedMark(nodeFiles, directory, { instance: spool.instance, adoptedAtMs: clock.nowMs() });
    await leaveFleet(database, spool.instance);
    return { instance: spool.instance, wasAdopted: false, ...recovered };
  } finally {
    await shipper.stop();
    await spool.close();
  }
};
