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
export const announcedBytesOf = ({ headers }: IncomingMessage): number | null => {
  if (headers['transfer-encoding'] !== undefined) return null;
  return Number(headers['content-length'] ?? 0);
};

const noBytes = Buffer.alloc(0);

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
    let isOver = false;
    let timer: NodeJS.Timeout | null = null;
    let body: GatheredBody | null = null;
    /** A body that came in one piece: the piece is its own memory, and nobody else's. */
    let only: Buffer | null = null;
    const finish = (read: BodyRead): void => {
      if (isOver) return;
      isOver = true;
      if (timer !== null) clearTimeout(timer);
      request.off('data', onData);
      body?.drop();
      if (read.kind !== 'whole') request.pause();
      resolve(read);
    };
    const onData = (chunk: Buffer): void => {
      if ((body?.bytes ?? 0) + chunk.length > limits.bodyBytes) finish({ kind: 'too_large' });
      else if (announcedBytes === null && !stay.take(chunk.length)) finish({ kind: 'no_room' });
      else if (chunk.length === announcedBytes) only = chunk;
      else {
        body ??= new GatheredBody(announcedBytes);
        body.add(chunk);
      }
    };
    const gone = (): void => finish({ kind: 'gone' });
    request.on('data', onData);
    request.on('end', () => finish({ kind: 'whole', bytes: only ?? body?.take() ?? noBytes }));
    request.on('close', gone);
    request.on('error', gone);
    // A small body comes together with its head: where it is whole by now, it needs no clock. The parser tells its end right behind its last byte.
    process.nextTick(() => {
      if (!isOver && only === null && !request.complete)
        timer = setTimeout(() => finish({ kind: 'too_slow' }), limits.bodyMs);
    });
  });
};
