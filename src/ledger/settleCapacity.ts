import { hash } from 'node:crypto';
import type { NanoUsd, Ratio } from '../kernel/index.ts';
import { assert, divideHalfEven, nanoUsd, parseNanoUsd, scaleUsd, uuidV7Of } from '../kernel/index.ts';
import type { FinalRecord, PriceLine } from '../vocabulary/index.ts';
import { lineAmount, million, readDiscount } from './priceUsage.ts';

/** Whose work it was, and where: what `usage`, `contracts` and `dependency` tell capacity apart by. */
export interface CapacityIdentity {
  /** UUIDv7 of the job; stands as the request. */
  readonly jobId: string;
  /** Its name; stands as the model. */
  readonly job: string;
  /** 1, 2, 3 within the job. */
  readonly attempt: number;
  readonly organisation: string;
  readonly team: string;
  /** Name of the key by which it was submitted. */
  readonly key: string;
  /** Stands as the provider. */
  readonly site: string;
  /** Kind of accelerator, as the site names it. */
  readonly accelerator: string;
  readonly vendor: string;
  /** Host name -> share; unknown shares count whole. */
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly region: string | null;
  /** The slot that it is part of, or the pool that it draws down; null for none. */
  readonly contract: string | null;
}

/** What one accelerator-hour is booked at. Nano-USD as decimal strings. */
export interface CapacityRate {
  readonly hourNanoUsd: string;
  readonly listHourNanoUsd: string;
  /** Exact decimal fraction that a contract takes off the list price, "0" for none. */
  readonly discount: string;
  /** Where the price comes from: "file", "slot north-slot", name and date of a list. */
  readonly source: string;
}

/**
 * A piece of the time for which an attempt holds its accelerators. The pieces of an attempt follow one another: each begins where the one before it ended,
 * the first where the attempt is paid from. Instants are Unix milliseconds, taken to the nearest whole one.
 */
export interface CapacityPiece {
  readonly identity: CapacityIdentity;
  readonly accelerators: number;
  readonly price: CapacityRate;
  /** Since when the attempt is paid for: the same for all of its pieces. */
  readonly billableSinceMs: number;
  readonly fromMs: number;
  readonly untilMs: number;
  /** Null where the executor told the end; else the two instants between which it lies. */
  readonly endsBetweenMs: readonly [earliest: number, latest: number] | null;
}

const secondMs = 1_000n;
const hourSeconds = 3_600n;
const noDiscount: Ratio = { numerator: 0n, denominator: 1n };

/** The same piece in whole milliseconds. */
const inWholeMs = (piece: CapacityPiece): CapacityPiece => ({
  ...piece,
  billableSinceMs: Math.round(piece.billableSinceMs),
  fromMs: Math.round(piece.fromMs),
  untilMs: Math.round(piece.untilMs),
  endsBetweenMs: piece.endsBetweenMs && [Math.round(piece.endsBetweenMs[0]), Math.round(piece.endsBetweenMs[1])],
});

const checkPiece = ({ accelerators, billableSinceMs, fromMs, untilMs, endsBetweenMs }: CapacityPiece): void => {
  assert(Number.isSafeInteger(accelerators) && accelerators > 0, 'capacity is a whole number of accelerators');
  assert(billableSinceMs <= fromMs && fromMs < untilMs, 'a piece has a length, and begins when it is paid for');
  if (endsBetweenMs === null) return;
  const [earliest, latest] = endsBetweenMs;
  assert(fromMs <= earliest && earliest <= untilMs && untilMs <= latest, 'a piece ends between its bounds');
};

/**
 * Whole accelerator-seconds from the beginning of a piece until an instant. Both ends are counted from where the attempt is paid from and rounded half to
 * even: pieces that follow one another have the seconds of the whole between them, however it is cut.
 */
const secondsUntil = ({ accelerators, billableSinceMs, fromMs }: CapacityPiece, atMs: number): bigint => {
  const since = (ms: number): bigint => divideHalfEven(BigInt(accelerators) * BigInt(ms - billableSinceMs), secondMs);
  return since(atMs) - since(fromMs);
};

/** What a million accelerator-seconds cost, and how the line says so. */
interface Tariff {
  readonly perMillion: bigint;
  readonly discount: Ratio;
  readonly discountText: string;
  readonly listPerMillion: bigint;
}

/** An hour's price for a million seconds, rounded half to even: a million accelerator-seconds are off by half a nano-dollar at most. */
const perMillionSeconds = (hour: NanoUsd): bigint => divideHalfEven(hour * million, hourSeconds);

/** The list price less the discount where that is what is booked; any other price, such as a slot's own, stands for itself. */
const tariffOf = (price: CapacityRate): Tariff => {
  const [hour, list] = [parseNanoUsd(price.hourNanoUsd), parseNanoUsd(price.listHourNanoUsd)];
  assert(hour >= 0n && list >= 0n, 'a price of capacity is not negative');
  const discount = readDiscount(price.discount);
  const { numerator, denominator } = discount;
  const listPerMillion = perMillionSeconds(list);
  return scaleUsd(list, { numerator: denominator - numerator, denominator }) === hour
    ? { perMillion: listPerMillion, discount, discountText: price.discount, listPerMillion }
    : { perMillion: perMillionSeconds(hour), discount: noDiscount, discountText: '0', listPerMillion };
};

const amountOf = (seconds: bigint, { perMillion, discount }: Tariff): NanoUsd =>
  nanoUsd(lineAmount(seconds, perMillion, discount));

const lineOf = (seconds: bigint, tariff: Tariff, source: string): PriceLine => ({
  bucket: 'acceleratorSeconds',
  units: Number(seconds),
  priceNanoUsdPerMillion: tariff.perMillion.toString(),
  discount: tariff.discountText,
  amountNanoUsd: amountOf(seconds, tariff).toString(),
  source,
});

/** What it costs at list prices. Whoever sold it dearer than that has a list price of their own. */
const listOf = (seconds: bigint, tariff: Tariff): bigint => {
  const [list, amount] = [lineAmount(seconds, tariff.listPerMillion, noDiscount), amountOf(seconds, tariff)];
  return list > amount ? list : amount;
};

/** The id of the piece of an attempt that begins at an instant: the same whoever tells of it, and however often. */
const pieceIdOf = ({ jobId, attempt }: CapacityIdentity, fromMs: number): string =>
  uuidV7Of(fromMs, hash('sha256', `${jobId} ${attempt} ${fromMs}`, 'buffer'));

/**
 * The record of a piece of capacity, as the ledger keeps it beside the attempts of requests: its accelerator-seconds, what they cost, and between which
 * bounds where its end is not certain. A piece is told once its end is certain, or as certain as it will ever be, and never longer or shorter again: it is
 * known by its job, its attempt and where it begins, the ledger keeps what it was told first under that id, and `ledger verify` tells of the difference.
 * It counts where it begins: whoever wants days, months and true-ups to be exact cuts at their borders.
 */
export const settleCapacity = (told: CapacityPiece): FinalRecord => {
  checkPiece(told);
  const piece = inWholeMs(told);
  const { identity, fromMs, untilMs, endsBetweenMs } = piece;
  const tariff = tariffOf(piece.price);
  const seconds = secondsUntil(piece, untilMs);
  assert(seconds <= BigInt(Number.MAX_SAFE_INTEGER), 'the seconds of a piece are an exact number');
  const amount = amountOf(seconds, tariff).toString();
  const boundAt = (atMs: number): string => amountOf(secondsUntil(piece, atMs), tariff).toString();
  // Member by member, the type and the id first: whoever ships records by the thousand tells them apart by how they begin.
  return {
    type: 'final',
    attemptId: pieceIdOf(identity, fromMs),
    requestId: identity.jobId,
    attempt: identity.attempt,
    organisation: identity.organisation,
    team: identity.team,
    key: identity.key,
    model: identity.job,
    provider: identity.site,
    targetModel: identity.accelerator,
    vendor: identity.vendor,
    hosts: identity.hosts,
    jurisdiction: identity.jurisdiction,
    lab: null,
    region: identity.region,
    wire: 'jobs',
    operation: 'compute',
    stream: false,
    contract: identity.contract,
    startedAtMs: fromMs,
    firstContentMs: null,
    durationMs: untilMs - fromMs,
    // The capacity was used whatever became of the work.
    outcome: { kind: 'ok' },
    usage: seconds === 0n ? {} : { acceleratorSeconds: Number(seconds) },
    basis: endsBetweenMs === null ? 'reported' : 'estimated',
    lines: seconds === 0n ? [] : [lineOf(seconds, tariff, piece.price.source)],
    amountNanoUsd: amount,
    listNanoUsd: listOf(seconds, tariff).toString(),
    rangeNanoUsd: endsBetweenMs === null ? [amount, amount] : [boundAt(endsBetweenMs[0]), boundAt(endsBetweenMs[1])],
    edits: [],
  };
};
