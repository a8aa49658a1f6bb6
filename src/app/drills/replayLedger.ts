import { Replay, type ReplayReport, type Scenario, type Supply } from '../../drills/index.ts';
import { calendarWindow, type ShareRecord, type Shares } from '../../ledger/index.ts';
import { attemptTotals, pastRequests, targetTimes, type Database, type RequestStretch } from '../../store/index.ts';
import { poolSpent } from '../contractHistory.ts';
import type { InForce } from '../pacing/ContractPaces.ts';
import { shareRecordOf } from '../shareRecordOf.ts';
import { pastRequestOf } from './pastRequestOf.ts';
import { ReplayPaces } from './ReplayPaces.ts';

/** One statement of a replay, which may go through months of a ledger. */
const statementMs = 600_000;

export interface ReplayedLedger {
  readonly database: Database;
  readonly stretch: RequestStretch;
  readonly supply: Supply;
  readonly scenario: Scenario;
  readonly inForce: InForce;
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

/** Sends the ledger's own requests once more, read one after the other: memory does not grow with them. @throws CodedError `database_unavailable` */
export const replayLedger = async (replayed: ReplayedLedger): Promise<ReplayReport> => {
  const { database, stretch, supply, scenario, inForce } = replayed;
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
  try {
    let isFirst = true;
    for await (const answered of pastRequests(session, stretch)) {
      if (isFirst) for (const one of paces) await one.begin(answered.startedAtMs);
      isFirst = false;
      replay.add(pastRequestOf(answered));
    }
  } finally {
    await session.end();
  }
  return replay.report();
};
