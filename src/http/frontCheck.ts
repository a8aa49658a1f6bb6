import type { IncomingMessage } from 'node:http';

/** Why a request is turned away before routing; the connection is closed, so that nothing behind it is read another way. */
export interface FrontRefusal {
  readonly message: string;
}

/** Most headers of one request. Some versions of Node leave what is beyond a count unread, so that whoever sends as many is refused. */
export const headersMax = 200;

const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/;
const targetPattern = /^\/[A-Za-z0-9\-._~!$&'()*+,;=:@%/]*(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@%/?[\]{}|^`"]*)?$/;
/** Empty segments and dots; encoded slashes, backslashes and NUL; and whatever needs no encoding, since it could be written in two ways. */
const unnormalPath = /\/\/|\/\.\.?(?:\/|$)|%(?:2[def]|3\d|[46][1-9a-f]|[57][0-9a]|5[cf]|7e|00)/i;

/** Headers that count only once: of two, one party could read the first and another the last. */
const singleHeaders = [
  'host',
  'transfer-encoding',
  'content-length',
  'content-type',
  'content-encoding',
  'authorization',
  'x-api-key',
  'x-goog-api-key',
] as const;
/** Most headers have another length than each of these, and need not be looked at. */
const singleLengths: ReadonlySet<number> = new Set(singleHeaders.map(({ length }) => length));

/** The first of those headers that came twice, or null. */
const repeatedHeader = (rawHeaders: readonly string[]): string | null => {
  /** One bit for each of `singleHeaders`. */
  let seen = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const raw = rawHeaders[index] ?? '';
    if (!singleLengths.has(raw.length)) continue;
    const name = raw.toLowerCase();
    const at = singleHeaders.findIndex((single) => single === name);
    if (at < 0) continue;
    if ((seen & (1 << at)) !== 0) return name;
    seen |= 1 << at;
  }
  return null;
};

const refuse = (message: string): FrontRefusal => ({ message });

/**
 * The one strict look at a request before routing. What two parties could read in two ways is refused:
 * two Hosts, an absolute or unnormalised target, a Transfer-Encoding that is not exactly "chunked".
 * @returns null when the request may go on.
 */
export const frontCheck = (request: IncomingMessage): FrontRefusal | null => {
  const { rawHeaders, headers, httpVersion, url = '' } = request;
  // The parser takes a request line without a version for HTTP/0.9, and one of HTTP/2.0 as it stands.
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return refuse('Speak HTTP/1.1.');
  if (rawHeaders.length >= 2 * headersMax) return refuse(`Send fewer than ${headersMax} headers.`);
  const repeated = repeatedHeader(rawHeaders);
  if (repeated !== null) return refuse(`Send at most one ${repeated} header.`);
  if (headers.host === undefined) return refuse('Send a Host header.');
  if (!hostPattern.test(headers.host)) return refuse('The Host header is not a host name with an optional port.');
  if (!targetPattern.test(url))
    return refuse('The request target must be a path that begins with "/", percent-encoded where needed.');
  const queryAt = url.indexOf('?');
  if (unnormalPath.test(queryAt < 0 ? url : url.slice(0, queryAt))) {
    return refuse(
      'The request path must be in normal form: no empty, "." or ".." segments, nothing encoded that needs no encoding, no encoded slashes.',
    );
  }
  const { expect } = headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return refuse('The one thing to expect of this server is 100-continue.');
  const encoding = headers['transfer-encoding'];
  if (encoding === undefined) return null;
  if (encoding !== 'chunked') return refuse('Transfer-Encoding must be exactly "chunked", or absent.');
  if (httpVersion === '1.0' || headers['content-length'] !== undefined) {
    return refuse('Transfer-Encoding goes with HTTP/1.1 and without Content-Length.');
  }
  return null;
};
