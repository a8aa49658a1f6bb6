import type { IncomingMessage } from 'node:http';

export type BodyRead =
  | { readonly kind: 'whole'; readonly bytes: Buffer }
  | { readonly kind: 'too_large' }
  | { readonly kind: 'too_slow' }
  | { readonly kind: 'gone' };

export interface BodyLimits {
  readonly bodyBytes: number;
  /** From the head to the last byte of the body. */
  readonly bodyMs: number;
}

/** Reads a request's body, and stops reading at the limit rather than after it. */
export const readBody = (request: IncomingMessage, limits: BodyLimits): Promise<BodyRead> => {
  if (Number(request.headers['content-length'] ?? 0) > limits.bodyBytes) return Promise.resolve({ kind: 'too_large' });
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const timer = setTimeout(() => finish({ kind: 'too_slow' }), limits.bodyMs);
    const finish = (read: BodyRead): void => {
      clearTimeout(timer);
      request.off('data', onData);
      if (read.kind !== 'whole') request.pause();
      resolve(read);
    };
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > limits.bodyBytes) finish({ kind: 'too_large' });
      else chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () =>
      finish({ kind: 'whole', bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) }),
    );
    request.once('close', () => finish({ kind: 'gone' }));
    request.once('error', () => finish({ kind: 'gone' }));
  });
};
