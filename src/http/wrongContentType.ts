import type { IncomingHttpHeaders } from 'node:http';
import type { PlaneRefusal } from './PlaneRefusal.ts';

const jsonType = /^application\/(?:[a-z0-9.+-]+\+)?json\s*(?:;|$)/i;

/** The refusal of a body that is not announced as plain JSON, or null. Names of types and codings are the same in any case (RFC 9110, 8.3 and 8.4). */
export const wrongContentType = (headers: IncomingHttpHeaders): PlaneRefusal | null => {
  const refuse = (message: string): PlaneRefusal => ({ code: 'wrong_content_type', message, close: true });
  const type = headers['content-type'] ?? '';
  if (!jsonType.test(type))
    return refuse(`Send the body as application/json, not ${JSON.stringify(type.slice(0, 80))}.`);
  const encoding = headers['content-encoding'];
  if (encoding === undefined || encoding.toLowerCase() === 'identity') return null;
  return refuse(`Send the body without content-encoding ${JSON.stringify(encoding.slice(0, 80))}.`);
};
