import type { UpstreamHeaders } from '../Transport.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const controlCharacter = /[^\t\x20-\x7e\x80-\xff]/;

/** Vendors use a few dozen names, each in one spelling; the map spares checking them anew at each answer. */
const knownNamesMax = 1_024;
const knownNames = new Map<string, string>();

/** The lower-case form of a header name, or null where it is none. */
const lowerName = (name: string): string | null => {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  if (!token.test(name)) return null;
  const lower = name.toLowerCase();
  if (name.length <= 64 && knownNames.size < knownNamesMax) knownNames.set(name, lower);
  return lower;
};

const isBlank = (text: string, at: number): boolean => text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9;

/** A part of a text without the blanks around it. */
const trimmed = (text: string, from: number, to: number): string => {
  let start = from;
  let end = to;
  while (start < end && isBlank(text, start)) start += 1;
  while (end > start && isBlank(text, end - 1)) end -= 1;
  return text.slice(start, end);
};

/**
 * Reads the lines `name: value` of a header block from `start` on. A name that comes again makes a list.
 * @returns null at the first line that is none: a folded line, a blank before the colon, a bare CR or LF, a control character.
 */
export const readHeaderLines = (text: string, start: number): UpstreamHeaders | null => {
  // Without a prototype, so that a header may be called like a member of Object.
  const headers = Object.create(null) as Record<string, string | string[]>;
  for (let from = start; from < text.length;) {
    const end = text.indexOf('\r\n', from);
    const to = end < 0 ? text.length : end;
    const colon = text.indexOf(':', from);
    if (colon < 0 || colon >= to) return null;
    const name = lowerName(text.slice(from, colon));
    const value = trimmed(text, colon + 1, to);
    if (name === null || controlCharacter.test(value)) return null;
    const earlier = headers[name];
    if (earlier === undefined) headers[name] = value;
    else if (typeof earlier === 'string') headers[name] = [earlier, value];
    else earlier.push(value);
    from = to + 2;
  }
  return headers;
};
