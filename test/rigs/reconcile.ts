import type { AttemptRow, LedgerRows, RequestRow } from './ledgerRows.ts';
import type { Outcome } from './load.ts';
import type { BillLine } from './rivals.ts';

/** One vendor's own account: what reached it and what it billed. */
export interface VendorAccount {
  /** Of the account. */
  readonly name: string;
  /** Providers whose calls go there. */
  readonly providers: ReadonlySet<string>;
  readonly requests: number;
  readonly bill: readonly BillLine[];
}

/** A comparison's figures, and what does not hold. */
export interface Reconciliation {
  readonly account: string;
  readonly attempts: number;
  readonly reported: number;
  readonly requestsSeenByVendor: number;
  readonly billNanoUsd: string;
  readonly ledgerNanoUsd: string;
  readonly reportedNanoUsd: string;
  readonly rangeNanoUsd: readonly [string, string];
  /** Answers whose bill line was found by the vendor's own request id. */
  readonly matchedById: number;
  readonly faults: readonly string[];
}

const sum = (amounts: readonly bigint[]): bigint => amounts.reduce((total, amount) => total + amount, 0n);

/** Causes of calls that may never have reached the vendor's eyes. */
const mayBeUnseen: ReadonlySet<string> = new Set(['connect_refused', 'connect_timeout', 'reset', 'first_byte_timeout']);

const wasSeen = ({ outcome }: AttemptRow): boolean =>
  outcome.kind !== 'unknown' && outcome.kind !== 'cancelled' && !mayBeUnseen.has(outcome.failure?.cause ?? '');

const byRequest = (rows: LedgerRows): ReadonlyMap<string, readonly AttemptRow[]> =>
  Map.groupBy(rows.attempts, ({ requestId }) => requestId);

/** Each amount of the ledger's reported answers must stand on a line of the bill of its own. */
const unbilled = (answered: readonly AttemptRow[], complete: readonly BillLine[]): readonly AttemptRow[] => {
  const left = new Map<bigint, number>();
  for (const { nanoUsd } of complete) left.set(nanoUsd, (left.get(nanoUsd) ?? 0) + 1);
  return answered.filter(({ amountNanoUsd }) => {
    const lines = left.get(amountNanoUsd) ?? 0;
    left.set(amountNanoUsd, lines - 1);
    return lines <= 0;
  });
};

/**
 * Holds the ledger against a vendor's bill: equal to the nano-dollar over what was reported, within the ranges for the rest; and no call
 * reached the vendor that has no attempt.
 */
export const reconcile = (rows: LedgerRows, account: VendorAccount, outcomes: readonly Outcome[]): Reconciliation => {
  const attempts = rows.attempts.filter(({ provider }) => account.providers.has(provider));
  const reported = attempts.filter(({ basis }) => basis === 'reported');
  const others = attempts.filter(({ basis }) => basis !== 'reported');
  const answered = reported.filter(({ outcome }) => outcome.kind === 'ok');
  const complete = account.bill.filter((line) => line.complete);
  const bill = sum(account.bill.map(({ nanoUsd }) => nanoUsd));
  const amount = sum(attempts.map(({ amountNanoUsd }) => amountNanoUsd));
  const low = sum(attempts.map(({ lowNanoUsd }) => lowNanoUsd));
  const high = sum(attempts.map(({ highNanoUsd }) => highNanoUsd));
  const faults: string[] = [];
  if (bill < low || bill > high) faults.push(`the bill of ${bill} lies outside ${low} to ${high}`);
  if (others.length === 0 && bill !== amount) faults.push(`all is reported: ${amount}, and the bill is ${bill}`);
  const missing = unbilled(answered, complete);
  for (const row of missing.slice(0, 3)) faults.push(`attempt ${row.attemptId} of ${row.amountNanoUsd} is on no bill`);
  const excess = complete.length - (answered.length - missing.length);
  if (excess > others.length) faults.push(`${excess} answers are billed that no attempt accounts for`);
  if (account.requests > attempts.length) {
    faults.push(`${account.requests} calls reached the vendor, ${attempts.length} have an attempt`);
  }
  const seen = attempts.filter(wasSeen).length;
  if (account.requests < seen) faults.push(`${seen} attempts were answered, ${account.requests} reached the vendor`);
  const matched = matchById(rows, account, outcomes);
  return {
    account: account.name,
    attempts: attempts.length,
    reported: reported.length,
    requestsSeenByVendor: account.requests,
    billNanoUsd: bill.toString(),
    ledgerNanoUsd: amount.toString(),
    reportedNanoUsd: sum(reported.map(({ amountNanoUsd }) => amountNanoUsd)).toString(),
    rangeNanoUsd: [low.toString(), high.toString()],
    matchedById: matched.count,
    faults: [...faults, ...matched.faults],
  };
};

const matchById = (
  rows: LedgerRows,
  account: VendorAccount,
  outcomes: readonly Outcome[],
): { readonly count: number; readonly faults: readonly string[] } => {
  const lines = new Map(account.bill.map((line) => [line.requestId, line]));
  const attempts = byRequest(rows);
  const faults: string[] = [];
  let count = 0;
  for (const outcome of outcomes) {
    const last = attempts.get(outcome.requestId ?? '')?.at(-1);
    if (outcome.fault !== null || outcome.vendorRequestId === null || last === undefined) continue;
    if (!account.providers.has(last.provider)) continue;
    const line = lines.get(outcome.vendorRequestId);
    count += 1;
    if (line?.nanoUsd !== last.amountNanoUsd) {
      faults.push(`request ${outcome.requestId}: ${last.amountNanoUsd} in the ledger, ${line?.nanoUsd} on the bill`);
    }
  }
  return { count, faults: faults.slice(0, 3) };
};

const answerFault = (
  outcome: Outcome,
  request: RequestRow | undefined,
  attempts: readonly AttemptRow[],
): string | null => {
  const last = attempts.at(-1);
  if (request === undefined) return 'has no record';
  if (request.status !== 200) return `is recorded with status ${request.status}`;
  if (attempts.length !== outcome.attempts)
    return `has ${attempts.length} attempts, the client was told ${outcome.attempts}`;
  if (request.attemptIds.join() !== attempts.map(({ attemptId }) => attemptId).join()) return 'lists other attempts';
  if (last?.outcome.kind !== 'ok') return `ends with an attempt that is ${last?.outcome.kind}`;
  if (last.target !== outcome.target) return `went to ${last.target}, the client was told ${outcome.target}`;
  if (last.basis !== 'reported') return `is ${last.basis}`;
  const { usage, tokens } = outcome;
  if (tokens !== null && tokens !== last.output) return `used ${last.output}, the client got ${tokens} tokens`;
  if (usage !== null && (usage.input !== last.input || usage.output !== last.output)) {
    return `used ${last.input}/${last.output}, the client was told ${usage.input}/${usage.output}`;
  }
  return null;
};

/** Holds the ledger against what clients saw: each whole answer has its record, its attempts, and exactly one final each. */
export const faultsOfAnswers = (rows: LedgerRows, outcomes: readonly Outcome[]): readonly string[] => {
  const requests = new Map(rows.requests.map((request) => [request.requestId, request]));
  const attempts = byRequest(rows);
  const faults: string[] = [];
  if (new Set(rows.attempts.map(({ attemptId }) => attemptId)).size !== rows.attempts.length) {
    faults.push('an attempt has two finals');
  }
  if (requests.size !== rows.requests.length) faults.push('a request has two records');
  for (const outcome of outcomes) {
    if (outcome.fault !== null) continue;
    const id = outcome.requestId ?? '';
    const fault = answerFault(outcome, requests.get(id), attempts.get(id) ?? []);
    if (fault !== null) faults.push(`answered request ${id} ${fault}`);
  }
  const kinds = new Set(['ok', 'failed', 'cancelled', 'unknown']);
  for (const { attemptId, outcome } of rows.attempts) {
    if (!kinds.has(outcome.kind)) faults.push(`attempt ${attemptId} ended as ${outcome.kind}`);
  }
  return faults.slice(0, 20);
};
