import { failure, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';

/**
 * The headers of a request, names in lower case. A header that came more than once must arrive as a list (`headersDistinct` of
 * node:http), because `headers` drops the second `authorization` in silence.
 */
export type CredentialHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Longest credential in characters. */
export const credentialCharactersMax = 512;

// Visible ASCII without the comma: node:http joins repeated headers by ", ", and a joined value must not pass as one.
const credentialPattern = /^[\u0021-\u002b\u002d-\u007e]+$/;

const isCredential = (text: string): boolean => text.length <= credentialCharactersMax && credentialPattern.test(text);

const bearerPattern = /^bearer +(\S+)$/i;

/** Each carrier with its way to take the credential out of the value; null where the value is malformed. */
const carriers: readonly (readonly [header: string, read: (value: string) => string | null])[] = [
  ['authorization', (value) => bearerPattern.exec(value)?.[1] ?? null],
  ['x-api-key', (value) => value],
  ['x-goog-api-key', (value) => value],
];

const missing = 'No key was sent: send one as Authorization: Bearer, x-api-key or x-goog-api-key.';

const different = 'Two different keys were sent: send one.';

const repeated = (header: string): string => `The header ${header} was sent more than once: send it once.`;

const malformed = (header: string): string =>
  header === 'authorization'
    ? 'The header authorization does not carry a key: send "Bearer" and the key.'
    : `The header ${header} does not carry a key: send the key alone.`;

const ownValue = (headers: CredentialHeaders, name: string): string | readonly string[] | undefined =>
  Object.hasOwn(headers, name) ? headers[name] : undefined;

/**
 * Takes the one credential out of a request's headers: the only place that does. Whatever carries it, the same key gives the same
 * identity; two different keys are refused, because which of them counts would depend on who reads. The fault is for the client, and never
 * repeats a header's value.
 */
export const extractCredential = (headers: CredentialHeaders): Result<string, string> => {
  let found: string | null = null;
  for (const [header, read] of carriers) {
    const given = ownValue(headers, header);
    if (given === undefined) continue;
    const values = typeof given === 'string' ? [given] : given;
    if (values.length !== 1) return failure(repeated(header));
    const credential = read(values[0] ?? '');
    if (credential === null || !isCredential(credential)) return failure(malformed(header));
    if (found !== null && found !== credential) return failure(different);
    found = credential;
  }
  return found === null ? failure(missing) : success(found);
};
