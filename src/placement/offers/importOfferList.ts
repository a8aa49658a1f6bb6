import type { Result } from '../../kernel/index.ts';
import { failure, success } from '../../kernel/index.ts';
import { dateField, nameField } from '../../vocabulary/index.ts';
import { offerLimits } from './limits.ts';
import type { OfferList } from './OfferList.ts';
import { readOfferList, type OfferListFinding } from './readOfferList.ts';

/** A list as it was sent. */
export interface SentOfferList {
  readonly name: string;
  /** Day of the prices, "2026-07-02"; null where nobody knows it. */
  readonly date: string | null;
  readonly csv: string;
}

export interface ImportedOfferList {
  readonly list: OfferList;
  readonly warnings: readonly OfferListFinding[];
}

const fault = (message: string, mend: string): OfferListFinding => ({ line: null, column: null, message, mend });

const headFaults = ({ name, date }: SentOfferList, kept: readonly OfferList[]): readonly OfferListFinding[] => [
  ...(nameField.safeParse(name).success
    ? []
    : [fault('a list needs a name', 'use 1 to 64 letters, digits, ".", "_" or "-", beginning with a letter or digit')]),
  ...(date === null || dateField.safeParse(date).success
    ? []
    : [fault('expected the day of the prices', 'write it as year-month-day, such as 2026-07-02')]),
  ...(kept.length < offerLimits.lists || kept.some((list) => list.name === name)
    ? []
    : [fault(`there are ${kept.length} lists already`, 'import it under the name of one of them, which it replaces')]),
];

/** Reads a list to keep: it replaces the one of its name whole. @param kept The lists there are. */
export const importOfferList = (
  sent: SentOfferList,
  { importedAtMs, kept }: { readonly importedAtMs: number; readonly kept: readonly OfferList[] },
): Result<ImportedOfferList, readonly OfferListFinding[]> => {
  const faults = headFaults(sent, kept);
  if (faults.length > 0) return failure(faults);
  const reading = readOfferList(sent.csv);
  if (!reading.ok) return reading;
  const { rows, warnings } = reading.value;
  return success({ list: { name: sent.name, date: sent.date, importedAtMs, rows }, warnings });
};
