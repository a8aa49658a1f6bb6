import type { UuidV7Maker } from '../kernel/index.ts';
import { shareBill } from '../ledger/index.ts';
import type { Json, SettledDay, SettleQuestion } from '../http/index.ts';
import {
  correctAttempts,
  keepAudit,
  openAttempts,
  type AttemptCorrection,
  type Database,
  type OpenAttempt,
} from '../store/index.ts';

/** Most attempts that one day of some targets may have open: each is a row of one statement. */
export const openAttemptsMax = 50_000;

/** Most corrections of one journal: each journal is one statement, which has to end in time. */
const journalCorrectionsMax = 5_000;

export interface SettleParts {
  readonly database: Database;
  readonly organisations: readonly string[];
  readonly ids: UuidV7Maker;
  readonly nowMs: number;
  /** Who wants it. */
  readonly by: string;
}

const dayMs = 86_400_000;

interface Open extends OpenAttempt {
  readonly organisation: string;
}

/** What makes the cost of an attempt known: it ends the bounds as well, whatever the amount was. */
const correctionOf = (attempt: OpenAttempt, cost: bigint, source: string): AttemptCorrection => {
  const change = cost - BigInt(attempt.amountNanoUsd);
  const amountNanoUsd = change.toString();
  return {
    attemptId: attempt.attemptId,
    revision: attempt.revision + 1,
    usage: {},
    lines:
      change === 0n
        ? []
        : [{ bucket: 'requests', units: 0, priceNanoUsdPerMillion: '0', discount: '0', amountNanoUsd, source }],
    amountNanoUsd,
    listNanoUsd: amountNanoUsd,
    rangeNanoUsd: [(cost - BigInt(attempt.lowNanoUsd)).toString(), (cost - BigInt(attempt.highNanoUsd)).toString()],
  };
};

/** What is open of a day in all organisations, which share bills, and what the bill leaves for it. */
const openOf = async (
  day: SettledDay,
  { database, organisations }: SettleParts,
): Promise<{ readonly open: readonly Open[]; readonly rest: bigint }> => {
  const fromMs = Date.parse(`${day.day}T00:00:00Z`);
  const open: Open[] = [];
  let rest = BigInt(day.billedNanoUsd);
  for (const organisation of organisations) {
    const found = await openAttempts(database, {
      organisation,
      targets: day.targets,
      fromMs,
      toMs: fromMs + dayMs,
      limit: openAttemptsMax + 1,
    });
    rest -= BigInt(found.knownNanoUsd);
    open.push(...found.open.map((attempt) => ({ ...attempt, organisation })));
  }
  return { open, rest };
};

type Outcome = 'settled' | 'nothingOpen' | 'beyondBounds' | 'tooMany';

const settleDay = async (
  day: SettledDay,
  invoice: string,
  parts: SettleParts,
): Promise<{ readonly outcome: Outcome; readonly attempts: number }> => {
  const { open, rest } = await openOf(day, parts);
  if (open.length === 0) return { outcome: 'nothingOpen', attempts: 0 };
  if (open.length > openAttemptsMax) return { outcome: 'tooMany', attempts: 0 };
  const costs = shareBill(
    rest,
    open.map(({ lowNanoUsd, highNanoUsd }) => ({ lowNanoUsd: BigInt(lowNanoUsd), highNanoUsd: BigInt(highNanoUsd) })),
  );
  if (costs === null) return { outcome: 'beyondBounds', attempts: 0 };
  const source = `bill ${invoice}`;
  const corrected = open.map((attempt, index) => ({
    organisation: attempt.organisation,
    correction: correctionOf(attempt, costs[index] ?? 0n, source),
  }));
  let attempts = 0;
  // Should one fail after another was booked, the same bill shares the rest among those that are still open.
  for (const [organisation, some] of Map.groupBy(corrected, (one) => one.organisation))
    for (let at = 0; at < some.length; at += journalCorrectionsMax)
      attempts += await correctAttempts(parts.database, {
        organisation,
        journalId: parts.ids.next(parts.nowMs),
        reason: `${source}, ${day.day}, settled by ${parts.by}`,
        corrections: some.slice(at, at + journalCorrectionsMax).map(({ correction }) => correction),
      });
  return { outcome: 'settled', attempts };
};

/**
 * Makes the cost of attempts known that their vendor did not report: what its bill has for a day beyond what is known is theirs, shared within their bounds, as
 * further revisions. What is settled is open no more, so that the same bill settles nothing a second time; a bill that lies beyond the bounds settles nothing.
 * The audit tells who settled by what, before anything changes.
 */
export const settleBill = async ({ invoice, days }: SettleQuestion, parts: SettleParts): Promise<Json> => {
  const told: {
    readonly day: string;
    readonly targets: readonly string[];
    readonly outcome: string;
    readonly attempts: number;
  }[] = [];
  await keepAudit(parts.database, 'default', {
    actor: parts.by,
    atMs: parts.nowMs,
    action: 'ledger.settle',
    subject: invoice,
    detail: { days },
  });
  for (const day of days) told.push({ day: day.day, targets: day.targets, ...(await settleDay(day, invoice, parts)) });
  return { attempts: told.reduce((sum, { attempts }) => sum + attempts, 0), days: told };
};
