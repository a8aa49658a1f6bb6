import type { Ratio } from '../kernel/index.ts';
import type { Contract } from './Contract.ts';
import { drawableBy } from './floorUse.ts';
import type { Cover } from './schema.ts';

/** Something that a contract may cover: a model of a provider, a site, or something else that the vendor counts. */
export type CoveredThing =
  | { readonly provider: string; readonly model: string }
  | { readonly site: string }
  | { readonly product: string };

/** Whether one line of a contract's coverage takes the thing in. */
const takesIn = (cover: Cover, thing: CoveredThing): boolean => {
  switch (cover.kind) {
    case 'provider':
      return (
        'provider' in thing &&
        cover.provider === thing.provider &&
        (cover.model === null || cover.model === thing.model)
      );
    case 'site':
      return 'site' in thing && cover.site === thing.site;
    case 'product':
      return 'product' in thing && cover.product === thing.product;
  }
};

/** Whether a contract is in force at an instant. */
export const isInForce = (contract: Contract, atMs: number): boolean =>
  contract.fromMs <= atMs && atMs < contract.untilMs;

/** Whether a contract covers a thing while it is in force. */
export const coversThing = (contract: Contract, thing: CoveredThing): boolean =>
  contract.covers.some((cover) => takesIn(cover, thing));

/** Every contract in force that covers the thing, of all kinds, in the order of the file. */
export const coveringContracts = (
  contracts: readonly Contract[],
  thing: CoveredThing,
  atMs: number,
): readonly Contract[] => contracts.filter((contract) => isInForce(contract, atMs) && coversThing(contract, thing));

const drawnFirst: Readonly<Record<Contract['kind'], number>> = { floor: 0, pool: 1, slot: 2 };

const intervalOf = (contract: Contract): number => (contract.kind === 'floor' ? contract.intervalMs : 0);

/**
 * In which order use goes through contracts: floors first, since what fits into one costs nothing more, then the pool that what is beyond them draws,
 * then slots. Of floors the one with the shorter interval, whose room is lost sooner, then of all the one that ends first; equals as in the file.
 */
const drawOrder = (one: Contract, other: Contract): number =>
  drawnFirst[one.kind] - drawnFirst[other.kind] || intervalOf(one) - intervalOf(other) || one.untilMs - other.untilMs;

/** Contracts in the order in which use goes through them. */
export const inDrawOrder = <Kind extends Contract>(contracts: readonly Kind[]): readonly Kind[] =>
  contracts.toSorted(drawOrder);

/** The contract that use of a thing goes to first, which its record names: a floor where there is one, else a pool, else a slot. Null where none in force covers it. */
export const contractFor = (contracts: readonly Contract[], thing: CoveredThing, atMs: number): Contract | null =>
  inDrawOrder(coveringContracts(contracts, thing, atMs))[0] ?? null;

/** What spending by the hour at a site draws down: a pool, or a floor of dollars, since one of tokens counts none of it; a slot has its own capacity. */
export const contractByTheHour = (contracts: readonly Contract[], site: string, atMs: number): Contract | null =>
  contractFor(
    drawableBy(contracts, {}).filter(({ kind }) => kind !== 'slot'),
    { site },
    atMs,
  );

/**
 * The contract whose discount is taken off the price of a thing: the one that use of it goes to first. What a floor of tokens takes costs nothing by the
 * use, so that where it has no discount of its own that of the pool holds, which bills what is beyond.
 */
export const discountingContract = (
  contracts: readonly Contract[],
  thing: CoveredThing,
  atMs: number,
): Contract | null => {
  const through = inDrawOrder(coveringContracts(contracts, thing, atMs));
  const isPriced = (contract: Contract): boolean =>
    contract.kind === 'pool' ||
    (contract.kind === 'floor' && (contract.meters.length === 0 || contract.discount.numerator > 0n));
  return through.find(isPriced) ?? through[0] ?? null;
};

/** The discount of the contract that is drawn down, as exact decimal text for the lines of a bill: "0.22"; "0" without a contract. */
export const discountText = (contract: Contract | null): string => (contract ? decimalText(contract.discount) : '0');

/** A ratio over a power of ten as plain decimal text, without trailing zeros. */
const decimalText = ({ numerator, denominator }: Ratio): string => {
  const places = denominator.toString().length - 1;
  const digits = numerator.toString().padStart(places + 1, '0');
  const whole = digits.slice(0, digits.length - places);
  const fraction = digits.slice(digits.length - places).replace(/0+$/, '');
  return places === 0 || fraction === '' ? whole : `${whole}.${fraction}`;
};

/** Whether everything that one line of coverage takes in is taken in by another. */
export const coversCover = (outer: Cover, inner: Cover): boolean => {
  switch (inner.kind) {
    case 'provider':
      return (
        outer.kind === 'provider' &&
        outer.provider === inner.provider &&
        (outer.model === null || outer.model === inner.model)
      );
    case 'site':
      return outer.kind === 'site' && outer.site === inner.site;
    case 'product':
      return outer.kind === 'product' && outer.product === inner.product;
  }
};

/** Whether two contracts cover something in common at some time. */
export const haveInCommon = (one: Contract, other: Contract): boolean =>
  one.fromMs < other.untilMs &&
  other.fromMs < one.untilMs &&
  one.covers.some((cover) => other.covers.some((its) => coversCover(cover, its) || coversCover(its, cover)));
