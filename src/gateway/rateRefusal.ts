import type { Metrics } from '../kernel/index.ts';
import type { RateRefusal } from '../ledger/index.ts';
import type { Refusal } from './Refusal.ts';

/** What each limit counts, and how the file calls it. */
const words = {
  requests: ['requests a minute', 'rpm'],
  tokens: ['tokens a minute', 'tpm'],
  inputTokens: ['input tokens a minute', 'inputTpm'],
  outputTokens: ['output tokens a minute', 'outputTpm'],
  streams: ['requests at a time', 'streams'],
} as const;

const seconds = (ms: number): string => `${Math.ceil(ms / 1_000)} s`;

/** Which limit it is that is used up: "key laptop: 60 requests a minute", and how much of it is let through here where others let the rest through. */
export const limitText = ({ scope, dimension, limit, here }: RateRefusal): string =>
  `${scope.kind} ${scope.name}: ${limit} ${words[dimension][0]}${here === undefined ? '' : `, ${here} of them at this replica now`}`;

/** The same with when to come back. */
export const waitText = (refusal: RateRefusal): string =>
  `${limitText(refusal)}, ${seconds(refusal.retryAfterMs)} to wait`;

/** By whom and by what requests are kept out. */
export const countRateRefusal = (metrics: Metrics, { scope, dimension }: RateRefusal): void =>
  metrics.count('archipel_rate_refusals_total', { dimension, scope: scope.kind });

/** What a client is told whose request is one too many. */
export const rateRefusal = (refusal: RateRefusal): Refusal => {
  const { scope, dimension, retryAfterMs } = refusal;
  const wait =
    dimension === 'streams' ? 'Wait until one of them has ended' : `Wait ${seconds(retryAfterMs)} (Retry-After)`;
  return {
    code: 'rate_limited',
    message: `The rate limit of the ${limitText(refusal)}. ${wait}, or have limits.${words[dimension][1]} of the ${scope.kind} raised.`,
    retryAfterMs,
  };
};
