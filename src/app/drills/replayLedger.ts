import { Replay, type ReplayReport, type Scenario, type Supply } from '../../drills/index.ts';
import { calendarWindow, type ShareRecord } from '../../ledger/index.ts';
import { attemptTotals, pastRequests, targetTimes, type Database, type RequestStretch } from '../../store/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { shareRecordOf } from '../shareRecordOf.ts';
import { pastRequestOf } from './pastRequestOf.ts';

/** One statement of a replay, which may go through months of a ledger. */
const statementMs = 600_000;

export interface ReplayedLedger {
  readonly database: Database;
  readonly stretch: RequestStretch;
  readonly supply: Supply;
  readonly scenario: Scenario;
  readonly configuration: Pick<ArchipelConfiguration, 'policy' | 'timeZone'>;
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
  const { database, stretch, supply, scenario, configuration } = replayed;
  const { fromMs, toMs } = stretch;
  const { window } = configuration.policy.concentration;
  const { timeZone } = configuration;
  const latencies = new Map((await targetTimes(database, stretch)).map(({ target, ...times }) => [target, times]));
  const replay = new Replay({
    supply,
    scenario,
    fromMs,
    untilMs: toMs,
    counted: { window, timeZone },
    spent: await spentBefore(replayed, calendarWindow(window, fromMs, timeZone).fromMs),
    latencies,
  });
  const session = await database.session({ purpose: 'drill', queryMs: statementMs });
  try {
    for await (const answered of pastRequests(session, stretch)) replay.add(pastRequestOf(answered));
  } finally {
    await session.end();
  }
  return replay.report();
};
