import { failure, success, type Result } from '../../kernel/index.ts';
import type { UpstreamCall } from '../Transport.ts';

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const valueFlaw = /[^\t\x20-\x7e\x80-\xff]/;
const pathFlaw = /[^\x21-\xff]/;

/** What the transport says itself, or never says: how the connection is used, how long the body is, and whom it is for. */
const ownNames: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'content-length',
  'transfer-encoding',
  'keep-alive',
  'upgrade',
  'expect',
]);

const expectsBody = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH';

/** Names are checked with each call but once each: a program uses few. */
const checkedNamesMax = 1_024;
const checkedNames = new Set<string>();

const isName = (name: string): boolean => {
  if (checkedNames.has(name)) return true;
  if (!token.test(name) || ownNames.has(name.toLowerCase())) return false;
  if (checkedNames.size < checkedNamesMax) checkedNames.add(name);
  return true;
};

/**
 * Writes a call's headers, the length of its body and the empty line.
 * @returns what is wrong, where a name, a value or the path could end its line early or speak for the transport.
 */
export const requestFields = (call: UpstreamCall): Result<string, string> => {
  if (!call.path.startsWith('/') || pathFlaw.test(call.path)) return failure('an invalid path');
  let fields = '';
  for (const name in call.headers) {
    const value = call.headers[name];
    if (value === undefined) continue;
    if (!isName(name)) return failure('an invalid header name');
    if (valueFlaw.test(value)) return failure(`an invalid value of the header ${name}`);
    fields += `${name}: ${value}\r\n`;
  }
  const bodyBytes = call.body?.length ?? 0;
  if (bodyBytes > 0 || expectsBody(call.method)) fields += `content-length: ${bodyBytes}\r\n`;
  return success(`${fields}\r\n`);
};
