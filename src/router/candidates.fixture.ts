// What the tests of this room build candidates from.
import type { Failure } from '../vocabulary/index.ts';
import type { Candidate } from './candidate.ts';
import { choose, type Choice } from './choose.ts';
import type { Caps, Dimension, SharesView } from './concentrationGuard.ts';
import { Health } from './Health.ts';
import type { Question } from './question.ts';

/** What a candidate has where neither contracts nor policies nor caches are about it. */
export const unpaced = { paced: -1, next: null, expectedMs: null, weight: null, slowness: null } as const;

/** What a question has likewise. */
export const unpacedQuestion = { pacer: null, atMs: 0, nextTurnShare: 0, usdPerSecond: 0 } as const;

/** A candidate "<provider>/m" whose every name is the provider's own, but for what is given. */
export const candidateOf = (provider: string, expectedUsd: number, differs: Partial<Candidate> = {}): Candidate => ({
  target: { provider, model: 'm' },
  credential: `${provider}/main`,
  quotaDomain: `${provider}/quota`,
  vendor: provider,
  hosts: { [`${provider}-host`]: 1 },
  jurisdiction: null,
  lab: null,
  inputTokens: 100,
  cachedTokens: 0,
  outputTokens: 100,
  expectedUsd,
  refusal: null,
  rest: null,
  ...unpaced,
  ...differs,
});

export const noCaps: Caps = { vendor: null, host: null, jurisdiction: null, lab: null };

/** Spend by "dimension:name". */
export const sharesOf = (
  totalUsd: number,
  spent: Readonly<Record<string, number>> = {},
  forecastUsd = 0,
): SharesView => ({
  totalUsd,
  forecastUsd,
  usdOf: (dimension: Dimension, name: string) => spent[`${dimension}:${name}`] ?? 0,
});

/** The choice where everybody is well and nothing is spent or capped, but for what is given. */
export const ask = (candidates: readonly Candidate[], differs: Partial<Question> = {}): Choice =>
  choose({
    candidates,
    health: new Health(),
    caps: noCaps,
    shares: sharesOf(0),
    tried: new Set(),
    attempt: 1,
    nowMs: 0,
    ...unpacedQuestion,
    ...differs,
  });

export const serverError: Failure = { class: 'transient', cause: 'server_error', status: 500 };
export const refusedConnection: Failure = { class: 'transient', cause: 'connect_refused' };
export const badKey: Failure = { class: 'operator', cause: 'invalid_api_key', status: 401 };
export const unknownDeployment: Failure = { class: 'operator', cause: 'deployment_not_found', status: 404 };

export const rateLimited = (retryAfterMs?: number): Failure => {
  const failure: Failure = { class: 'quota', cause: 'rate_limited', status: 429 };
  return retryAfterMs === undefined ? failure : { ...failure, retryAfterMs };
};
