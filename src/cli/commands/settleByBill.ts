// What `reconcile --settle` has the ledger take over from a bill, and why it leaves the rest.
import { basename } from 'node:path';
import { failure, success, utcDay, type Result } from '../../kernel/index.ts';
import type { ComparedDay } from '../../ledger/index.ts';
import type { AdminAnswer, AdminClient } from '../AdminClient.ts';
import { record, records, text } from '../record.ts';
import type { Unsettled } from '../text/reconcileText.ts';

/** A bill, as far as it is said to be whole. */
interface SettlingBill {
  readonly files: readonly string[];
  /** Its last day; null where it has none. */
  readonly last: string | null;
  /** Whether its end was named. */
  readonly isEndNamed: boolean;
}

interface SettledBill {
  /** Attempts whose cost is known by it from now on. */
  readonly attempts: number;
  readonly unsettled: readonly Unsettled[];
}

/** Why the ledger did not take over a bill whole. */
interface SettlingFault {
  readonly answer: AdminAnswer;
  /** Attempts that were settled before. */
  readonly attempts: number;
}

/** Whether the ledger knows something of it within bounds only. */
const isOpen = ({ unreported, lowNanoUsd, highNanoUsd }: ComparedDay): boolean =>
  unreported > 0 && lowNanoUsd < highNanoUsd;

/** Days on which the bill has money for names that the ledger does not know: it may be for any of what is open then. */
const strangeDays = (days: readonly ComparedDay[]): ReadonlySet<string> =>
  new Set(
    days
      .filter(({ targets, billedNanoUsd }) => targets.length === 0 && (billedNanoUsd ?? 0n) !== 0n)
      .map(({ day }) => day),
  );

/** Whether a bill may not be whole on a day: an export is made while its last day, or today, still runs. */
const mayGrow = (day: string, { last, isEndNamed }: SettlingBill): boolean =>
  !isEndNamed && (last === null || day >= last || day >= utcDay(Date.now()));

/** Why an open day is not settled, or null. What a bill does not name may be under another name: it is never taken for free. */
const whyLeft = (one: ComparedDay, bill: SettlingBill, strange: ReadonlySet<string>): Unsettled['why'] | null => {
  if (one.billedAs.length === 0) return 'notOnBill';
  if (one.billedNanoUsd === null) return 'noMoney';
  if (one.differenceNanoUsd !== 0n) return 'beyondBounds';
  if (one.isCut) return 'rowsLeftOut';
  if (strange.has(one.day)) return 'strangeOnBill';
  return mayGrow(one.day, bill) ? 'mayGrow' : null;
};

/** Most days of one request: each takes the ledger some statements. */
const settledAtOnce = 50;
/** A day may have as many as 50,000 attempts to correct. */
const answerMs = 900_000;
const invoiceNameMax = 200;

const left = ({ day, model, targets }: ComparedDay, why: Unsettled['why']): Unsettled => ({ day, model, targets, why });

/** Has the ledger take over what a bill says of attempts that were not reported, where nothing on it leaves a doubt. */
export const settleByBill = async (
  client: AdminClient,
  bill: SettlingBill,
  days: readonly ComparedDay[],
): Promise<Result<SettledBill, SettlingFault>> => {
  const invoice = bill.files
    .map((file) => basename(file))
    .join(', ')
    .slice(0, invoiceNameMax);
  const strange = strangeDays(days);
  const unsettled: Unsettled[] = [];
  const clear: ComparedDay[] = [];
  for (const one of days.filter(isOpen)) {
    const why = whyLeft(one, bill, strange);
    if (why === null) clear.push(one);
    else unsettled.push(left(one, why));
  }
  let attempts = 0;
  for (let at = 0; at < clear.length; at += settledAtOnce) {
    const asked = clear.slice(at, at + settledAtOnce);
    const answer = await client.post(
      '/admin/v1/ledger/settle',
      {
        invoice,
        days: asked.map(({ day, targets, billedNanoUsd }) => ({
          day,
          targets,
          billedNanoUsd: `${billedNanoUsd ?? 0n}`,
        })),
      },
      { answerMs },
    );
    if (answer.status >= 400) return failure({ answer, attempts });
    const told = record(answer.body);
    attempts += Number(told['attempts']);
    for (const [index, { outcome }] of records(told['days']).entries()) {
      const one = asked[index];
      const why = text(outcome);
      if (one !== undefined && (why === 'beyondBounds' || why === 'tooMany')) unsettled.push(left(one, why));
    }
  }
  return success({ attempts, unsettled });
};
