import { parseNanoUsd, type NanoUsd } from '../kernel/index.ts';
import { pieceAt, Shares, type BudgetScope, type SharesSnapshot } from '../ledger/index.ts';
import type { FinalRecord } from '../vocabulary/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import type { EndUserCharge } from './endUserCharges.ts';
import type { KeptBalances, KeptBudget, KeptLease, KeptShares } from './KeptBalances.ts';
import { LedgerCount, type Counted, type SpentPieces } from './LedgerCount.ts';
import { organisationsNamed } from './organisationsOf.ts';
import type { ScopeSource } from './scopeSources.ts';

/** What balances begin with. */
export interface KnownBalances {
  /** What the running windows of budgets have spent; null where nobody knows. */
  readonly spends: ReadonlyMap<string, SpentPieces | null>;
  /** What end users have been charged; null where nobody knows, as without the database. */
  readonly endUsers: readonly EndUserCharge[] | null;
  /** Null where nobody knows. */
  readonly shares: SharesSnapshot | null;
  readonly organisations: readonly string[];
  /** Leases in hand when an earlier process ended without the database. */
  readonly leases: readonly KeptLease[];
}

/** What a start without a database has to go by. */
export interface BalancesBefore {
  readonly kept: KeptBalances | null;
  /** The spool that lies there now. */
  readonly spool: string;
  /** Visits every final behind a record; false where they are not all there any more. */
  readonly finalsBehind: (sequence: number, visit: (final: FinalRecord) => void) => Promise<boolean>;
}

export interface DiskQuestion {
  readonly configuration: ArchipelConfiguration;
  readonly counted: Counted;
  /** All budgets. */
  readonly fresh: readonly ScopeSource[];
  readonly nowMs: number;
}

const nothingKnown = ({ fresh: sources, configuration }: DiskQuestion): KnownBalances => ({
  spends: new Map(sources.map(({ scope }) => [scope.id, null])),
  endUsers: null,
  shares: null,
  organisations: organisationsNamed(configuration),
  leases: [],
});

/** What a window that runs now began with in what was kept: its amount, 0 where it began later, null where it is another one. */
const beginningOf = (
  kept: { readonly window: string; readonly timeZone: string; readonly fromMs: number } | null | undefined,
  now: { readonly window: string; readonly timeZone: string; readonly fromMs: number },
): 'same' | 'begun since' | 'unknown' => {
  if (!kept || kept.window !== now.window || kept.timeZone !== now.timeZone) return 'unknown';
  if (kept.fromMs === now.fromMs) return 'same';
  // A clock that went back has us in a window that was over.
  return kept.fromMs < now.fromMs ? 'begun since' : 'unknown';
};

const sameModels = (kept: KeptBudget, { models = null }: BudgetScope): boolean =>
  JSON.stringify(kept.models ?? null) === JSON.stringify(models);

/** What had been spent, by piece; what is no part of the window any more is counted by nobody. */
const piecesOf = ({ fromMs, spentNanoUsd, before = [] }: KeptBudget): SpentPieces =>
  new Map([...before, [fromMs, spentNanoUsd] as const].map(([pieceFromMs, text]) => [pieceFromMs, parseNanoUsd(text)]));

const amountsOf = (texts: Readonly<Record<string, string>>): ReadonlyMap<string, NanoUsd> =>
  new Map(Object.entries(texts).map(([name, text]) => [name, parseNanoUsd(text)]));

const snapshotOf = ({ totalNanoUsd, spentNanoUsd }: KeptShares, now: SharesSnapshot): SharesSnapshot => ({
  ...now,
  totalNanoUsd: parseNanoUsd(totalNanoUsd),
  spentNanoUsd: {
    vendor: amountsOf(spentNanoUsd.vendor),
    host: amountsOf(spentNanoUsd.host),
    jurisdiction: amountsOf(spentNanoUsd.jurisdiction),
    lab: amountsOf(spentNanoUsd.lab),
  },
});

/**
 * Balances from what was kept on disk and the spool's records behind it. A budget of which too little is there is unknown, and nothing is where records are
 * missing: what was spent by them cannot be told apart from nothing.
 */
export const balancesFromDisk = async (before: BalancesBefore, question: DiskQuestion): Promise<KnownBalances> => {
  const { configuration, counted, fresh: sources, nowMs } = question;
  const { kept, spool, finalsBehind } = before;
  if (kept === null || kept.spool !== spool) return nothingKnown(question);
  const count = new LedgerCount(sources, counted, nowMs);
  if (!(await finalsBehind(kept.sequence, (final) => count.add(final)))) return nothingKnown(question);
  const leases = (kept.leases ?? []).flatMap((lease) => leftOf(lease, count));
  const budgets = new Map(kept.budgets.map((budget) => [budget.id, budget]));
  const spends = new Map<string, SpentPieces | null>();
  for (const { scope } of sources) {
    const old = budgets.get(scope.id);
    const { fromMs } = pieceAt(scope.window, nowMs, scope.timeZone);
    const isKept = old !== undefined && sameModels(old, scope) && beginningOf(old, { ...scope, fromMs }) !== 'unknown';
    if (isKept) count.begin(scope.id, piecesOf(old));
    spends.set(scope.id, isKept ? (count.budgets.get(scope.id)?.pieces ?? null) : null);
  }
  const organisations = [...new Set([...organisationsNamed(configuration), ...kept.organisations])];
  return { spends, endUsers: null, shares: sharesFromDisk(kept.shares, count, counted, nowMs), organisations, leases };
};

/** What is left of a lease after the records behind it, of which the holds of then may have been a part: never more than is. */
const leftOf = (lease: KeptLease, { budgets }: LedgerCount): readonly KeptLease[] => {
  let free = BigInt(lease.freeNanoUsd);
  for (const spent of budgets.get(lease.id)?.pieces.values() ?? []) free -= spent;
  return free > 0n ? [{ ...lease, freeNanoUsd: free.toString() }] : [];
};

const sharesFromDisk = (
  kept: KeptShares | null,
  { shares }: LedgerCount,
  counted: Counted,
  nowMs: number,
): SharesSnapshot | null => {
  const now = shares.snapshot(nowMs);
  const beginning = beginningOf(kept, { ...counted, fromMs: now.fromMs });
  if (beginning === 'unknown' || kept === null) return null;
  if (beginning === 'same') shares.correct(new Shares(counted).snapshot(nowMs), snapshotOf(kept, now));
  return shares.snapshot(nowMs);
};

/** A snapshot as it is kept. */
export const keptSnapshot = (
  { fromMs, totalNanoUsd, spentNanoUsd }: SharesSnapshot,
  { window, timeZone }: Counted,
): KeptShares => {
  const texts = (dimension: keyof SharesSnapshot['spentNanoUsd']): Record<string, string> =>
    Object.fromEntries([...spentNanoUsd[dimension]].map(([name, amount]) => [name, amount.toString()]));
  return {
    window,
    timeZone,
    fromMs,
    totalNanoUsd: totalNanoUsd.toString(),
    spentNanoUsd: {
      vendor: texts('vendor'),
      host: texts('host'),
      jurisdiction: texts('jurisdiction'),
      lab: texts('lab'),
    },
  };
};
