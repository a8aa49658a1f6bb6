import type { NanoUsd } from '../kernel/index.ts';
import { assert, nanoUsd, parseNanoUsd } from '../kernel/index.ts';
import { emptyPrice, mayBillRefusal, servedPrice, unknownTierPrice, type PriceEntry } from '../market/index.ts';
import {
  anyTier,
  inputBuckets,
  isRefusedContinuation,
  outputBuckets,
  type AttemptOutcome,
  type FinalRecord,
  type IntentRecord,
  type ModelBucket,
  type ServiceTier,
  type Usage,
  type UsageBasis,
} from '../vocabulary/index.ts';
import { type Bill, priceUsage, sumOfLines } from './priceUsage.ts';

/** What was learnt of an answer. */
export interface AttemptReading {
  /** As the vendor reported it, or null. Before the end of a stream it may be a first part. */
  readonly usage: Usage | null;
  /** UTF-8 bytes of output seen. */
  readonly outputBytes: number;
  /** Whether the vendor may have seen the request. */
  readonly sent: boolean;
  /** Whether the vendor refused with an error status of its own, before any content. */
  readonly refused: boolean;
  /** Service tier in which the vendor says that it was served; null or absent where it does not. */
  readonly servedTier?: ServiceTier | null;
}

export interface AttemptEnd {
  readonly intent: IntentRecord;
  readonly outcome: AttemptOutcome;
  readonly reading: AttemptReading;
  /** Null where no price is known and the policy let it through. */
  readonly price: PriceEntry | null;
  /** Exact decimal fraction taken off by the contract, or null. */
  readonly discount: string | null;
  /** Service tier that the target was asked for; null or absent where it was asked for none. */
  readonly askedTier?: ServiceTier | null;
  readonly inputEstimateTokens: number;
  readonly durationMs: number;
  readonly firstContentMs: number | null;
  readonly edits: readonly string[];
}

/** A usage and how it is known. */
interface Finding {
  readonly usage: Usage;
  readonly basis: UsageBasis;
}

/** About so many bytes of text make a token: for estimates only. */
const bytesPerToken = 4;
/** How fast a model is taken to write where it cannot be watched: for estimates only. */
const unseenTokensPerSecond = 100;

const nothing: Usage = {};
const nothingBilled: Finding = { usage: nothing, basis: 'reported' };
const nothingKnown: Finding = { usage: nothing, basis: 'unknown' };

const tokensIn = (usage: Usage, buckets: readonly ModelBucket[]): number =>
  buckets.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), 0);

/**
 * Our own count of what passed by. What the vendor reported before it broke off is kept; the input is estimated where it said nothing of it, and the
 * output is at least what was seen.
 */
const seen = (end: AttemptEnd): Usage => {
  const reported = end.reading.usage ?? nothing;
  const seenTokens = Math.ceil(end.reading.outputBytes / bytesPerToken);
  const missingOutput = Math.max(0, seenTokens - tokensIn(reported, outputBuckets));
  const input = tokensIn(reported, inputBuckets) > 0 ? (reported.input ?? 0) : end.inputEstimateTokens;
  return { ...reported, input, output: (reported.output ?? 0) + missingOutput };
};

/**
 * What a vendor may have written of an answer that is not streamed while we waited for it, by the time that passed and within what was held.
 * Without it, leaving just before the end would be free of charge, and a way around every budget.
 */
const unseenOutputTokens = (end: AttemptEnd, held: NanoUsd): number => {
  const { intent, reading, outcome } = end;
  if (intent.operation !== 'generate' || reading.outputBytes > 0 || outcome.kind === 'ok') return 0;
  const tokens = Math.ceil((end.durationMs / 1000) * unseenTokensPerSecond);
  const base = billOf(seen(end), end).bill.amountNanoUsd;
  const more = billOf({ ...seen(end), output: tokens }, end).bill.amountNanoUsd - base;
  if (more <= 0n || base + more <= held) return tokens;
  return held <= base ? 0 : Number((BigInt(tokens) * (held - base)) / more);
};

/** What nobody reads here is billed by the piece, at the price that the file says. */
const oneRequest: Finding = { usage: { requests: 1 }, basis: 'estimated' };

const estimate = (end: AttemptEnd, held: NanoUsd): Finding => {
  if (end.intent.operation === 'passthrough') return oneRequest;
  const usage = seen(end);
  return { usage: { ...usage, output: (usage.output ?? 0) + unseenOutputTokens(end, held) }, basis: 'estimated' };
};

/** Causes of ours for a vendor that we stopped waiting for while it may still have been at work. */
const abandonedCauses: ReadonlySet<string> = new Set(['first_byte_timeout', 'idle_timeout']);

/** Whether it was us who broke off: the client went away, the deadline passed, or an answer that cannot be watched took too long. */
const wasAbandoned = ({ outcome, intent }: AttemptEnd): boolean =>
  outcome.kind === 'cancelled' ||
  (outcome.kind === 'failed' && !intent.stream && abandonedCauses.has(outcome.failure.cause));

/** Whether it was us who took for none what was to be the rest of an answer: its vendor has answered, and bills it. */
const wasRefusedHere = ({ outcome }: AttemptEnd): boolean =>
  outcome.kind === 'failed' && isRefusedContinuation(outcome.failure);

/** What delivered bytes was sent, whatever the transport says. */
const isUnsent = ({ reading }: AttemptEnd): boolean => !reading.sent && reading.outputBytes === 0;

/**
 * What is known of an attempt's use:
 * - the process died: unknown;
 * - counting tokens is free, and a request that never left costs nothing: reported, 0;
 * - a whole answer: reported as the vendor reported it, or estimated from its bytes where it did not;
 * - refused with an error status before any content: vendors do not bill that: reported, 0, but for the cases of `mayBillRefusal`: unknown;
 * - broken off, by whom ever, after content was seen: estimated, since the last report is missing;
 * - broken off by us before any content: estimated; the vendor had the request and was at work;
 * - the rest of an answer that is none, though it has no words: estimated, without anything unseen; the vendor has answered;
 * - broken off by the vendor after the request was sent and before any content (reset, silence, an error inside the stream): unknown. Whether it
 *   had begun, and bills it, only its bill can tell; an outage must not use up budgets meanwhile.
 */
const find = (end: AttemptEnd, held: NanoUsd): Finding => {
  const { intent, outcome, reading } = end;
  if (outcome.kind === 'unknown') return nothingKnown;
  if (intent.operation === 'countTokens' || intent.operation === 'listModels' || isUnsent(end)) return nothingBilled;
  if (outcome.kind === 'ok' && reading.usage) return { usage: reading.usage, basis: 'reported' };
  if (outcome.kind === 'ok') return estimate(end, held);
  if (reading.refused)
    return outcome.kind === 'failed' && mayBillRefusal(outcome.failure) ? nothingKnown : nothingBilled;
  if (wasRefusedHere(end)) return { usage: seen(end), basis: 'estimated' };
  return reading.outputBytes > 0 || wasAbandoned(end) ? estimate(end, held) : nothingKnown;
};

interface KnownBill {
  readonly bill: Bill;
  /** Whether every used bucket has a price, and the tier that it was served in. */
  readonly whole: boolean;
  /** Whether the price is one of this tier, and not only the dearest that is known. */
  readonly ofTier: boolean;
}

/** The tier that an attempt is billed in: as it was served; where nobody told, as it was asked for. */
const tierOf = ({ reading, askedTier = null }: AttemptEnd): ServiceTier | null =>
  reading.servedTier ?? (askedTier === anyTier ? null : askedTier);

const billOf = (usage: Usage, end: AttemptEnd): KnownBill => {
  const { vendor, targetModel } = end.intent;
  const known = end.price ?? emptyPrice({ vendor, model: targetModel, source: 'unpriced' });
  const inputTokens = tokensIn(usage, inputBuckets);
  const tier = tierOf(end);
  const served = servedPrice(known, tier, inputTokens);
  const price = served ?? unknownTierPrice(known, tier ?? '', inputTokens);
  const priced = priceUsage({ price, usage, discount: end.discount });
  const bill = priced.ok ? priced.value : priced.fault.bill;
  // What cost nothing in any tier is known to the last digit.
  const ofTier = served !== null || price.ceilingPerMillion !== undefined || bill.lines.length === 0;
  return { bill, whole: priced.ok && ofTier, ofTier };
};

/**
 * Bounds of the true cost. A used bucket without a price costs at least what the others do; anything else that was not reported, or was served in a tier
 * without a price, may cost nothing.
 */
const rangeOf = (basis: UsageBasis, finding: Finding, known: KnownBill, held: NanoUsd): readonly [NanoUsd, NanoUsd] => {
  const amount = known.bill.amountNanoUsd;
  if (basis === 'reported') return [amount, amount];
  const upper = held > amount ? held : amount;
  return [finding.basis === 'reported' && known.ofTier ? amount : nanoUsd(0n), upper];
};

/** The record of an attempt that has ended: its use, how that is known, what it costs and between which bounds. */
export const settleAttempt = (end: AttemptEnd): FinalRecord => {
  // A hold that began smaller grows up to it, and no further.
  const held = parseNanoUsd(end.intent.holdNanoUsd);
  const finding = find(end, held);
  const known = billOf(finding.usage, end);
  const { bill, whole } = known;
  // A used bucket or tier without a price makes the cost unknown, however well the use is known.
  const basis = whole ? finding.basis : 'unknown';
  const [lower, upper] = rangeOf(basis, finding, known, held);
  assert(lower <= bill.amountNanoUsd && bill.amountNanoUsd <= upper, 'an amount lies within its range');
  const { intent } = end;
  // Member by member, the type and the id first: whoever ships records by the thousand tells them apart by how they begin.
  return {
    type: 'final',
    attemptId: intent.attemptId,
    requestId: intent.requestId,
    attempt: intent.attempt,
    organisation: intent.organisation,
    team: intent.team,
    key: intent.key,
    model: intent.model,
    provider: intent.provider,
    targetModel: intent.targetModel,
    vendor: intent.vendor,
    hosts: intent.hosts,
    jurisdiction: intent.jurisdiction,
    lab: intent.lab,
    region: intent.region,
    wire: intent.wire,
    operation: intent.operation,
    stream: intent.stream,
    contract: intent.contract,
    startedAtMs: intent.startedAtMs,
    firstContentMs: end.firstContentMs,
    durationMs: end.durationMs,
    outcome: end.outcome,
    usage: finding.usage,
    basis,
    lines: bill.lines,
    amountNanoUsd: bill.amountNanoUsd.toString(),
    listNanoUsd: bill.listNanoUsd.toString(),
    rangeNanoUsd: [lower.toString(), upper.toString()],
    edits: end.edits,
    ...servedTierOf(end.reading),
    ...(intent.budgets === undefined ? {} : { budgets: intent.budgets }),
  };
};

const servedTierOf = ({ servedTier = null }: AttemptReading): Pick<FinalRecord, 'servedTier'> =>
  servedTier === null ? {} : { servedTier };

/** The record of an attempt whose process died between its intent and its end: it cost something between nothing and its hold. */
export const settleLost = (intent: IntentRecord): FinalRecord =>
  settleAttempt({
    intent,
    outcome: { kind: 'unknown' },
    reading: { usage: null, outputBytes: 0, sent: true, refused: false },
    price: null,
    discount: null,
    inputEstimateTokens: 0,
    durationMs: 0,
    firstContentMs: null,
    edits: [],
  });

/**
 * What an attempt takes from its budgets: its amount; where the process died in between, the most it can have cost, since a hold that nobody settled must not
 * turn into money that nobody spent. Reconciliation with the vendor's bill corrects it.
 */
export const budgetCharge = (record: FinalRecord): NanoUsd => {
  assert(
    sumOfLines(record.lines) === parseNanoUsd(record.amountNanoUsd),
    'the amount of a record is the sum of its lines',
  );
  return parseNanoUsd(record.outcome.kind === 'unknown' ? record.rangeNanoUsd[1] : record.amountNanoUsd);
};
