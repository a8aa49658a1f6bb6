import type { Json } from '../http/index.ts';

/** A value as it goes out: amounts and other whole numbers that may be large as decimal strings, absent members left out. */
export const toJson = (value: unknown): Json => {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (Array.isArray(value)) return value.map(toJson);
  return typeof value === 'object' && value !== null ? objectToJson(value) : null;
};

/** The same of an object. */
export const objectToJson = (value: object): { readonly [name: string]: Json } => {
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return Object.fromEntries(members.map(([name, member]) => [name, toJson(member)]));
};
