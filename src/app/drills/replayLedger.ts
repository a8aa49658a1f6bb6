import { Replay, type ReplayReport, type Scenario, type Supply } from '../../drills/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { calendarWindow, type ShareRecord, type Shares } from '../../ledger/index.ts';
import { attemptTotals, pastRequests, targetTimes, type Database, type RequestStretch } from '../../store/index.ts';
import { poolSpent } from '../contractHistory.ts';
import type { InForce } from '../pacing/ContractPaces.ts';
import { shareRecordOf } from '../shareRecordOf.ts';
import { pastRequestOf } from './pastRequestOf.ts';
import { ReplayPaces } from './ReplayPaces.ts';
import { Turns } from './Turns.ts';

/** One statement of a replay, which may go through months of a ledger. */
const statementMs = 600_000;

export interface ReplayedLedger {
  readonly database: Database;
  readonly stretch: RequestStretch;
  readonly supply: Supply;
  readonly scenario: Scenario;
  readonly inForce: InForce;
  readonly clock: Clock;
  /** Aborted once nobody waits for the report. */
  readonly gone: AbortSignal;
}

/** What the window of the caps had spent before the stretch begins. */
const spentBefore = async (
  { database, stretch: { organisations, fromMs } }: ReplayedLedger,
  windowFromMs: number,
): Promise<readonly ShareRecord[]> => {
  const spent: ShareRecord[] = [];
  for (const organisation of organisations) {
    const keys = ['vendor', 'hosts', 'jurisdiction', 'lab'] as const;
    const totals = await attemptTotals(database, { organisation, fromMs: windowFromMs, toMs: fromMs, keys });
    spent.push(...totals.map((total) => shareRecordOf(total, fromMs)));
  }
  return spent;
};

/**
 * Sends the ledger's own requests once more, read one after the other: memory does not grow with them, and who is served meanwhile has turns between them.
 * @returns null where nobody waits for the report any more. @throws CodedError `database_unavailable`
 */
export const replayLedger = async (replayed: ReplayedLedger): Promise<ReplayReport | null> => {
  const { database, stretch, supply, scenario, inForce, clock, gone } = replayed;
  const { organisations, fromMs, toMs } = stretch;
  const { configuration } = inForce;
  const { window } = configuration.policy.concentration;
  const { timeZone } = configuration;
  const latencies = new Map((await targetTimes(database, stretch)).map(({ target, ...times }) => [target, times]));
  const paces: ReplayPaces[] = [];
  const pacesFor = (shares: Shares): ReplayPaces => {
    const made = new ReplayPaces({
      shares,
      inForce: () => inForce,
      poolSpent: (contracts, pool, nowMs) => poolSpent({ database, organisations, nowMs }, contracts, pool),
    });
    paces.push(made);
    return made;
  };
  const replay = new Replay({
    supply,
    scenario,
    fromMs,
    untilMs: toMs,
    counted: { window, timeZone },
    spent: await spentBefore(replayed, calendarWindow(window, fromMs, timeZone).fromMs),
    latencies,
    pacesFor,
  });
  const session = await database.session({ purpose: 'drill', queryMs: statementMs });
  const breakOff = (): void => void session.end();
  gone.addEventListener('abort', breakOff, { once: true });
  const turns = new Turns(clock);
  try {
    // A statement that is broken off here ends there, too.
    await session.query("SELECT set_config('statement_timeout', $1, false)", [String(statementMs)]);
    let isFirst = true;
    for await (const answered of pastRequests(session, stretch)) {
      if (gone.aborted) return null;
      if (isFirst) for (const one of paces) await one.begin(answered.startedAtMs);
      isFirst = false;
      replay.add(pastRequestOf(answered));
      for (const one of paces) await one.settle();
      await turns.next();
    }
  } catch (error) {
    if (gone.aborted) return null;
    throw error;
  } finally {
    gone.removeEventListener('abort', breakOff);
    await session.end();
  }
  return gone.aborted ? null : replay.report();
};
