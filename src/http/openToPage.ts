import type { ServerResponse } from 'node:http';

/** What a page may read of an answer beside its body. */
const exposed = [
  'retry-after',
  'x-archipel-attempts',
  'x-archipel-dropped',
  'x-archipel-error',
  'x-archipel-estimated',
  'x-archipel-request-id',
  'x-archipel-sandbox',
  'x-archipel-target',
  'x-request-id',
  'request-id',
].join(', ');

/** Lets a page of a listed origin read the answer, whatever it will be. The browser sends no cookie and takes none: a key is all that counts. */
export const openToPage = (response: ServerResponse, origin: string): void => {
  response.setHeader('access-control-allow-origin', origin);
  response.setHeader('access-control-expose-headers', exposed);
  response.setHeader('vary', 'Origin');
};
