import { hash } from 'node:crypto';
import { conversationStart, sessionHeaders, type RequestFacts } from '../../wire/index.ts';
import type { Exchange } from '../Exchange.ts';
import { headerText } from '../headerText.ts';
import type { Snapshot } from '../Snapshot.ts';
import { tenantOf } from './tenantOf.ts';

/** 132 bits of a hash: nobody finds two conversations with one. */
const keyLetters = 22;
/** Bytes at each end of a part that count whole; of what lies between only how much it is. */
const endBytes = 512;
/** A longer name of a session counts by its beginning. */
const sessionLettersMax = 256;

/**
 * What a conversation is known by, so that its next turn finds what the targets' caches hold of it: by what its client calls it, or by how it begins, within its
 * tenant. What its client calls one session may be several conversations, as those of helpers are: how much the model is told before all turns tells them apart.
 * Only ever compared and kept in memory. A few microseconds, however long the request is.
 */
export const conversationKey = (
  { principal, headers, body, wire }: Pick<Exchange, 'principal' | 'headers' | 'body' | 'wire'>,
  { members }: Pick<RequestFacts, 'members'>,
  { cacheIsolation }: Pick<Snapshot, 'cacheIsolation'>,
): string => {
  const { before, opening } = conversationStart(body, members, wire.start);
  const parts: Uint8Array[] = [Buffer.from(tenantOf(principal, cacheIsolation))];
  const session = sessionIn(headers);
  if (session === null) for (const part of opening === null ? before : [...before, opening]) addEnds(parts, part);
  else parts.push(Buffer.from(JSON.stringify([session, ...before.map(({ length }) => length)])));
  return hash('sha256', Buffer.concat(parts), 'base64url').slice(0, keyLetters);
};

const addEnds = (parts: Uint8Array[], part: Uint8Array): void => {
  parts.push(Buffer.from(`\n${part.length}\n`));
  if (part.length <= 2 * endBytes) parts.push(part);
  else parts.push(part.subarray(0, endBytes), part.subarray(-endBytes));
};

/** What the client calls its session, with the header that says so; null where none does. */
const sessionIn = (headers: Exchange['headers']): string | null => {
  for (const { name } of sessionHeaders) {
    const value = headerText(headers, name);
    if (value !== '') return `${name}\n${value.slice(0, sessionLettersMax)}`;
  }
  return null;
};
