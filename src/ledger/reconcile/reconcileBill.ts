import { divideHalfEven, picoPerNano } from '../../kernel/index.ts';
import type { BilledDay } from './BillSums.ts';
import { modelKeys } from './modelKeys.ts';
import type {
  BookedDay,
  ComparedDay,
  ComparedTokens,
  PicoUsd,
  Reconciliation,
  Tolerance,
  Verdict,
} from './Reconciliation.ts';

export interface VendorBill {
  readonly days: readonly BilledDay[];
  /** What rows name that have costs and are none of the days; absent: nothing. */
  readonly leftOut?: ReadonlySet<string>;
  /** Our names of models by those of the bill, where they have nothing in common. */
  readonly renamed: ReadonlyMap<string, string>;
}

/** Knows models by any of their names. */
class ModelIndex {
  readonly #names = new Map<string, string>();

  /** What a model is gathered under, the same for each of its names. */
  keyOf(name: string): string {
    const keys = modelKeys(name);
    const [first = name] = keys;
    const known = keys.find((key) => this.#names.has(key));
    const key = known === undefined ? first : (this.#names.get(known) ?? first);
    for (const one of keys) if (!this.#names.has(one)) this.#names.set(one, key);
    return key;
  }
}

/** Both sides of a model on a day. */
interface Pair {
  readonly day: string;
  readonly billed: BilledDay[];
  readonly booked: BookedDay[];
  /** Whether rows of the model were left out. */
  isCut: boolean;
}

const pairsOf = (bill: VendorBill, booked: readonly BookedDay[]): readonly Pair[] => {
  const index = new ModelIndex();
  const pairs = new Map<string, Pair>();
  const models = new Map<string, Pair[]>();
  const pairOf = (day: string, model: string): Pair => {
    const modelKey = index.keyOf(model);
    const key = `${day} ${modelKey}`;
    const known = pairs.get(key);
    if (known !== undefined) return known;
    const pair: Pair = { day, billed: [], booked: [], isCut: false };
    pairs.set(key, pair);
    const ofModel = models.get(modelKey);
    if (ofModel === undefined) models.set(modelKey, [pair]);
    else ofModel.push(pair);
    return pair;
  };
  // Ours first: they have all of their names, of which the bill has one.
  for (const one of booked) pairOf(one.day, one.model).booked.push(one);
  const renamed = new Map([...bill.renamed].map(([told, ours]) => [modelKeys(told)[0] ?? told, ours]));
  const ourName = (told: string): string => renamed.get(modelKeys(told)[0] ?? told) ?? told;
  for (const one of bill.days) pairOf(one.day, ourName(one.model)).billed.push(one);
  for (const name of bill.leftOut ?? [])
    for (const pair of models.get(index.keyOf(ourName(name))) ?? []) pair.isCut = true;
  return [...pairs.values()];
};

const sum = <One>(ones: readonly One[], of: (one: One) => bigint): bigint =>
  ones.reduce((total, one) => total + of(one), 0n);

/** A sum of what some tell; null where none does. */
const toldSum = <One>(ones: readonly One[], of: (one: One) => bigint | null): bigint | null =>
  ones.reduce<bigint | null>((total, one) => {
    const told = of(one);
    return told === null ? total : (total ?? 0n) + told;
  }, null);

const millionthsPerToken = 1_000_000n;
const ppm = 1_000_000n;

const nanoOf = (cost: PicoUsd): bigint => divideHalfEven(cost, picoPerNano);
const tokensOf = (millionths: bigint | null): bigint | null =>
  millionths === null ? null : divideHalfEven(millionths, millionthsPerToken);

const magnitude = (amount: bigint): bigint => (amount < 0n ? -amount : amount);

/** What a bill says at all: a model that it does not have costs nothing there only if it tells money. */
interface Tells {
  readonly money: boolean;
  readonly tokens: boolean;
}

const tokensSides = (
  { billed, booked }: Pair,
  tells: Tells,
): { readonly input: ComparedTokens; readonly output: ComparedTokens } => {
  const bookedIn = sum(booked, ({ inputTokens }) => inputTokens);
  const bookedOut = sum(booked, ({ outputTokens }) => outputTokens);
  const sides = (input: bigint | null, output: bigint | null) => ({
    input: { billed: tokensOf(input), booked: bookedIn },
    output: { billed: tokensOf(output), booked: bookedOut },
  });
  if (billed.length === 0) return tells.tokens ? sides(0n, 0n) : sides(null, null);
  if (billed.some(({ isCounted }) => !isCounted)) return sides(null, null);
  const either = toldSum(billed, (one) => one.either);
  const input = toldSum(billed, (one) => one.input);
  const output = toldSum(billed, (one) => one.output);
  if (either !== null)
    // What is not told apart went in where nothing came out, as with embeddings.
    return bookedOut === 0n ? sides((input ?? 0n) + either, output ?? 0n) : sides(null, null);
  return input === null && output === null ? sides(null, null) : sides(input ?? 0n, output ?? 0n);
};

const areTokensApart = ({ billed, booked }: ComparedTokens, { sharePpm }: Tolerance): boolean =>
  billed !== null && magnitude(billed - booked) * ppm > magnitude(billed) * sharePpm;

const verdictOf = (pair: Pair, isEqual: boolean, isApart: boolean): Verdict => {
  if (!isApart) return isEqual ? 'equal' : 'tolerated';
  if (pair.billed.length === 0) return 'onlyInLedger';
  return pair.booked.length === 0 ? 'onlyOnBill' : 'differs';
};

const beyond = (billed: bigint, low: bigint, high: bigint): bigint =>
  billed > high ? billed - high : billed < low ? billed - low : 0n;

const comparedOf = (pair: Pair, tells: Tells, tolerance: Tolerance): ComparedDay => {
  const { day, billed, booked } = pair;
  const cost = billed.length === 0 && tells.money ? 0n : toldSum(billed, (one) => one.cost);
  const billedNanoUsd = cost === null ? null : nanoOf(cost);
  const lowNanoUsd = sum(booked, (one) => one.lowNanoUsd);
  const highNanoUsd = sum(booked, (one) => one.highNanoUsd);
  const differenceNanoUsd = billedNanoUsd === null ? null : beyond(billedNanoUsd, lowNanoUsd, highNanoUsd);
  const allowed = [tolerance.nanoUsd, (magnitude(billedNanoUsd ?? 0n) * tolerance.sharePpm) / ppm];
  const isMoneyApart = allowed.every((most) => magnitude(differenceNanoUsd ?? 0n) > most);
  const unreported = booked.reduce((count, one) => count + one.unreported, 0);
  const { input, output } = tokensSides(pair, tells);
  const sides = unreported > 0 ? [] : [input, output];
  const isApart = isMoneyApart || sides.some((side) => areTokensApart(side, tolerance));
  const isEqual =
    (differenceNanoUsd ?? 0n) === 0n && sides.every((side) => (side.billed ?? side.booked) === side.booked);
  const names = (of: readonly string[]): readonly string[] => [...new Set(of)].toSorted();
  const billedAs = names(billed.map(({ model }) => model));
  const [model = billedAs[0] ?? ''] = names(booked.map((one) => one.model));
  return {
    day,
    model,
    billedAs,
    targets: names(booked.map((one) => `${one.provider}/${one.model}`)),
    attempts: booked.reduce((count, one) => count + one.attempts, 0),
    unreported,
    billedNanoUsd,
    bookedNanoUsd: sum(booked, (one) => one.amountNanoUsd),
    lowNanoUsd,
    highNanoUsd,
    differenceNanoUsd,
    input,
    output,
    verdict: verdictOf(pair, isEqual, isApart),
    isCut: pair.isCut,
  };
};

const inOrder = (one: ComparedDay, other: ComparedDay): number =>
  one.day.localeCompare(other.day) || one.model.localeCompare(other.model);

/**
 * Holds a bill against the ledger, model by model and day by day. What a vendor reported has to be billed as it was booked; what it did not has bounds, and
 * a bill within them is right.
 */
export const reconcileBill = (bill: VendorBill, booked: readonly BookedDay[], tolerance: Tolerance): Reconciliation => {
  const tells = {
    money: bill.days.some(({ cost }) => cost !== null),
    tokens: bill.days.some(({ input, output, either }) => input !== null || output !== null || either !== null),
  };
  const days = pairsOf(bill, booked)
    .map((pair) => comparedOf(pair, tells, tolerance))
    .toSorted(inOrder);
  return {
    days,
    billedNanoUsd: sum(days, (one) => one.billedNanoUsd ?? 0n),
    bookedNanoUsd: sum(days, (one) => one.bookedNanoUsd),
    lowNanoUsd: sum(days, (one) => one.lowNanoUsd),
    highNanoUsd: sum(days, (one) => one.highNanoUsd),
    differenceNanoUsd: sum(days, (one) => one.differenceNanoUsd ?? 0n),
    apart: days.filter(({ verdict }) => verdict !== 'equal' && verdict !== 'tolerated').length,
  };
};
