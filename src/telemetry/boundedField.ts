import { Secret, type LogValue } from '../kernel/index.ts';
import { maskSecrets } from './maskSecrets.ts';

/** Longest text of a field, in UTF-16 units; what is beyond is counted, not kept. */
export const fieldLengthMax = 2_000;
/** Most items of a list in a field. */
export const listItemsMax = 50;
/** Most fields of an event. */
export const fieldsMax = 50;

export type PrintableValue = string | number | boolean | null | readonly string[];

/** Cuts a text and says how much is missing; never in the middle of a surrogate pair. */
export const cutText = (text: string, lengthMax: number): string => {
  if (text.length <= lengthMax) return text;
  const splitsPair = /[\ud800-\udbff]/.test(text.charAt(lengthMax - 1));
  const kept = text.slice(0, splitsPair ? lengthMax - 1 : lengthMax);
  return `${kept}...[${text.length - kept.length} more]`;
};

const printableText = (text: string): string => maskSecrets(cutText(text, fieldLengthMax));

/**
 * What a log may print of a value: bounded, bigint as a decimal string, numbers that JSON lacks by their names, secrets masked.
 * Takes anything: a log must not throw because a caller went around the types.
 */
export const boundedField = (value: LogValue | Secret): PrintableValue => {
  if (value instanceof Secret) return '[secret]';
  if (typeof value === 'string') return printableText(value);
  if (typeof value === 'bigint') return printableText(value.toString());
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'boolean' ? value : boundedList(value);
};

const boundedList = (value: unknown): PrintableValue => {
  if (value === null || value === undefined) return null;
  // An object has no place in a log: its content is not on the allow-list.
  if (!Array.isArray(value)) return `[${typeof value}]`;
  const items = value
    .slice(0, listItemsMax)
    .map((item: unknown) => (typeof item === 'string' ? printableText(item) : `[${typeof item}]`));
  return value.length > listItemsMax ? [...items, `...[${value.length - listItemsMax} more]`] : items;
};
