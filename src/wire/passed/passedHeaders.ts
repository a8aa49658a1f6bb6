import { clientWires } from '../matchRoute.ts';

const wordsOfWires = (list: 'forwardedRequestHeaders' | 'forwardedAnswerHeaders'): readonly string[] =>
  [...clientWires.values()].flatMap((wire) => wire[list]);

/**
 * What of a client's headers reaches the vendor with a request that is handed on as it is: what says something of the body and of the answer that is
 * wanted, and the words of the wires. Everything else stays here, credentials and cookies first of all. In lower case.
 */
export const passedRequestHeaders: readonly string[] = [
  ...new Set([
    'accept',
    'accept-language',
    'content-disposition',
    'content-encoding',
    'content-language',
    'content-type',
    'idempotency-key',
    'if-match',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'range',
    // Google takes a file and what is said of it in one request by this word.
    'x-goog-upload-protocol',
    ...wordsOfWires('forwardedRequestHeaders'),
  ]),
];

/** What of the vendor's headers reaches the client with it. No `location` and no cookie: neither would lead back through here. In lower case. */
export const passedAnswerHeaders: readonly string[] = [
  ...new Set([
    'accept-ranges',
    'cache-control',
    'content-disposition',
    'content-language',
    'content-range',
    'content-type',
    'etag',
    'last-modified',
    'retry-after',
    'x-should-retry',
    ...wordsOfWires('forwardedAnswerHeaders'),
  ]),
];
