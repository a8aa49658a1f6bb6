import { integerField, optional, section } from './fields.ts';

const rate = optional(integerField(1, 1_000_000_000_000));

/** `limits` of whoever they are about: most that it may use a minute, and at a time. */
export const ratesSchema = section({
  rpm: rate.describe('Most requests a minute'),
  tpm: rate.describe('Most tokens a minute, in and out together'),
  inputTpm: rate.describe('Most tokens a minute that go in'),
  outputTpm: rate.describe('Most tokens a minute that come out'),
  streams: rate.describe('Most requests under way at a time, streamed or not'),
});

/** Rates of a key, a team, an organisation, a model or a provider; null where there is no limit. */
export interface Rates {
  /** Requests a minute. */
  readonly rpm: number | null;
  /** Tokens a minute, in and out together. */
  readonly tpm: number | null;
  readonly inputTpm: number | null;
  readonly outputTpm: number | null;
  /** Requests under way at a time. */
  readonly streams: number | null;
}

export const noRates: Rates = { rpm: null, tpm: null, inputTpm: null, outputTpm: null, streams: null };

/** Names of the limits, as the file has them. */
export const rateNames = ['rpm', 'tpm', 'inputTpm', 'outputTpm', 'streams'] as const;

export type RateName = (typeof rateNames)[number];

/** What is counted by the minute. */
export const rateDimensions = ['requests', 'tokens', 'inputTokens', 'outputTokens'] as const;

export type RateDimension = (typeof rateDimensions)[number];

/** Whom limits are about. */
export type RateScopeKind = 'organisation' | 'team' | 'key' | 'model' | 'provider';

/** Somebody with limits. */
export interface RateScope {
  readonly kind: RateScopeKind;
  readonly name: string;
  /** "key:laptop": unique. */
  readonly id: string;
  readonly rates: Rates;
  /** Whether tokens that were read from a prompt cache count as tokens that go in. */
  readonly countsCacheReads: boolean;
}

/** Whoever has these limits; null where they are none. */
export const rateScope = (kind: RateScopeKind, name: string, rates: Rates, countsCacheReads = true): RateScope | null =>
  rateNames.every((limit) => rates[limit] === null)
    ? null
    : { kind, name, id: `${kind}:${name}`, rates, countsCacheReads };

/** How much of one dimension is left. */
export interface RateLeft {
  /** Units a minute. */
  readonly limit: number;
  readonly remaining: number;
  /** Milliseconds until all of it is there again, if nothing else is taken. */
  readonly resetMs: number;
}

/** What a vendor says of one of its limits. */
export interface QuotaLeft {
  /** Most that there can be, at least `remaining`; null where it does not say. */
  readonly limit: number | null;
  readonly remaining: number;
  /** Milliseconds until all of it is there again. */
  readonly resetMs: number;
}

/** What a vendor says of its limits; what it does not tell is absent. */
export type QuotaReading = Readonly<Partial<Record<RateDimension, QuotaLeft>>>;

/** Of each dimension the limit that has least left; null where none is set. */
export type RatesLeft = Readonly<Record<RateDimension, RateLeft | null>>;
