import type { IncomingMessage } from 'node:http';
import { GatheredBody } from './GatheredBody.ts';
import type { Stay } from './Occupancy.ts';

export type BodyRead =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'too_slow' }
  | { readonly kind: 'no_room' }
  | { readonly kind: 'gone' };

export interface BodyLimits {
  readonly bodyBytes: number;
  /** From the head to the last byte of the body. */
  readonly bodyMs: number;
}

/** The length that a request's head tells, or null where only its end will tell. */
const announcedBytesOf = ({ headers }: IncomingMessage): number | null => {
  if (headers['transfer-encoding'] !== undefined) return null;
  return Number(headers['content-length'] ?? 0);
};

/** Whether anything comes behind the head. */
export const bringsBody = (request: IncomingMessage): boolean => announcedBytesOf(request) !== 0;

/**
 * Reads a request's body, and stops reading at the limit rather than after it. What is announced is asked room for at once, so that it can come
 * to its end; else room is asked for as the bytes come. Of what is not read to its end nothing is kept; its place stays the caller's to give back.
 */
export const readBody = (request: IncomingMessage, limits: BodyLimits, stay: Stay): Promise<BodyRead> => {
  const announcedBytes = announcedBytesOf(request);
  if ((announcedBytes ?? 0) > limits.bodyBytes) return Promise.resolve({ kind: 'too_large' });
  if (!stay.take(announcedBytes ?? 0)) return Promise.resolve({ kind: 'no_room' });
  return new Promise((resolve) => {
    const body = new GatheredBody(announcedBytes);
    const timer = setTimeout(() => finish({ kind: 'too_slow' }), limits.bodyMs);
    const finish = (read: BodyRead): void => {
      clearTimeout(timer);
      request.off('data', onData);
      body.drop();
      if (read.kind !== 'whole') request.pause();
      resolve(read);
    };
    const onData = (chunk: Buffer): void => {
      if (body.bytes + chunk.length > limits.bodyBytes) finish({ kind: 'too_large' });
      else if (announcedBytes === null && !stay.take(chunk.length)) finish({ kind: 'no_room' });
      else body.add(chunk);
    };
    request.on('data', onData);
    request.once('end', () => finish({ kind: 'whole', bytes: body.take() }));
    request.once('close', () => finish({ kind: 'gone' }));
    request.once('error', () => finish({ kind: 'gone' }));
  });
};
