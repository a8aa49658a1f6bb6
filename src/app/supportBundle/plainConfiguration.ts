import type { ArchipelConfiguration } from '../configurationSchema.ts';

/** What a fingerprint shows of a hash: enough to compare, nothing to search for. */
const hashCharacters = 8;

/** An address without what may be a credential in it: its path, but for the version at its end. */
const plainUrl = (text: string): string => {
  if (!URL.canParse(text)) return '[address]';
  const { origin, pathname } = new URL(text);
  return /^(\/[a-z0-9]{1,12}){0,3}\/?$/i.test(pathname) ? `${origin}${pathname}` : `${origin}/...`;
};

const plainText = (name: string, text: string): string => {
  if (name === 'hash') return `${text.slice(0, hashCharacters)}...`;
  return /url$/i.test(name) ? plainUrl(text) : text;
};

const plain = (name: string, value: unknown): unknown => {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') return plainText(name, value);
  if (Array.isArray(value)) return value.map((item) => plain(name, item));
  if (value instanceof Map) return plainMembers([...value].map(([key, item]) => [String(key), item]));
  if (typeof value === 'object' && value !== null) return plainMembers(Object.entries(value));
  return value;
};

const plainMembers = (members: readonly (readonly [string, unknown])[]): object =>
  Object.fromEntries(members.map(([name, value]) => [name, plain(name, value)]));

/**
 * A valid configuration as others may see it, with every default filled in: references to secrets as they are, fingerprints of keys cut. One
 * that is not valid is never shown: where a secret was written by mistake, it would be.
 */
export const plainConfiguration = (configuration: ArchipelConfiguration): unknown => plain('', configuration);
