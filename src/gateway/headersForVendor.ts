import type { Exchange } from './Exchange.ts';
import { listedHeaders } from './listedHeaders.ts';

/** The headers of a call to a vendor but for its credential: those of the client's that stand in a list, and ours. */
export const headersForVendor = (
  { headers, via }: Pick<Exchange, 'headers' | 'via'>,
  forwarded: readonly string[],
): Record<string, string> => {
  const made = listedHeaders(headers, forwarded);
  // A decoded answer has no bound of its own; what is not encoded needs no decoding.
  made['accept-encoding'] = 'identity';
  made['user-agent'] = 'archipel';
  made['via'] = via;
  return made;
};
