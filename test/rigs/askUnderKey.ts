import type { Announced } from './untilAnnounced.ts';

/** @returns status, code of the error, and Retry-After of one short request under a key. */
export const askUnderKey = async (
  { url }: Pick<Announced, 'url'>,
  key: string,
): Promise<readonly [status: number, code: string | null, retryAfter: string | null]> => {
  const answer = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'aurora-across', max_tokens: 16, messages: [{ role: 'user', content: 'tide' }] }),
  });
  await answer.text();
  return [answer.status, answer.headers.get('x-archipel-error'), answer.headers.get('retry-after')];
};
