import { AdminPlane } from './AdminPlane.ts';
import { ledgerRows, type AttemptRow, type LedgerRows } from './ledgerRows.ts';
import type { Outcome } from './load.ts';
import { reconcile, type Reconciliation } from './reconcile.ts';
import type { Rivals } from './rivals.ts';
import type { Server } from './startServer.ts';

/** Every way in which a vendor can be out. The two that only people mend come first: they are waited for longest. */
export const outages = [
  'auth',
  'credit',
  'down',
  'refuse',
  'hang',
  'slow',
  'rate-limit',
  'overload',
  'error-in-stream',
  'cut-mid-stream',
  'garbage',
] as const;

export type Outage = (typeof outages)[number];

/** Those that only people mend: they raise an alarm. */
export const needsPeople: ReadonlySet<Outage> = new Set(['auth', 'credit']);

/** What the vendors say of our account; a client must never read it. */
export const vendorWords =
  /incorrect api key|api key provided|current quota|billing details|rate limit (of|reached)|openai\.com|x-api-key|credit balance|plans & billing/i;

/** Credentials and targets for which a log calls the operator. */
export const alarmsIn = (log: string): readonly string[] => {
  const names = [...log.matchAll(/"event":"a target needs the operator".*?"name":"([^"]+)"/g)].map(
    ([, name]) => name ?? '',
  );
  return [...new Set(names)].toSorted();
};

/** Whether an attempt met the fault of its provider: it failed there, or, where that is only slow, went there. */
export const metFault = ({ provider, outcome }: AttemptRow, wanted: string, fault: Outage): boolean =>
  provider === wanted && (fault === 'slow' || outcome.kind === 'failed');

/** The ledger of a running server, with all that was recorded so far. */
export const freshRows = async (server: Server): Promise<LedgerRows> => {
  await new AdminPlane(server).drain();
  return ledgerRows(server.dataDir);
};

/** Holds a ledger against what one vendor counted and billed. @param providers whose calls went there */
export const reconcileWith = async (
  rows: LedgerRows,
  outcomes: readonly Outcome[],
  rivals: Rivals,
  vendor: string,
  providers: readonly string[],
): Promise<Reconciliation> => {
  const { requests } = await rivals.read(vendor);
  const account = { name: providers.join(), providers: new Set(providers), requests, bill: rivals.bill(vendor) };
  return reconcile(rows, account, outcomes);
};

/** Holds a ledger against each vendor's bill, where each is called by its own provider and by none else. */
export const reconcileAll = (
  rows: LedgerRows,
  rivals: Rivals,
  outcomes: readonly Outcome[],
): Promise<readonly Reconciliation[]> =>
  Promise.all(rivals.sandbox.vendors.map(({ name }) => reconcileWith(rows, outcomes, rivals, name, [name])));
