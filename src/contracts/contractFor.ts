import type { Ratio } from '../kernel/index.ts';
import type { Contract } from './Contract.ts';
import type { Cover } from './schema.ts';

/** Something that a contract may cover: a model of a provider, a site, or something else that the vendor counts. */
export type CoveredThing =
  | { readonly provider: string; readonly model: string }
  | { readonly site: string }
  | { readonly product: string };

/** Whether one line of a contract's coverage takes the thing in. */
const coversThing = (cover: Cover, thing: CoveredThing): boolean => {
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

const isInForce = (contract: Contract, atMs: number): boolean => contract.fromMs <= atMs && atMs < contract.untilMs;

/** Every contract in force that covers the thing, of all kinds, in the order of the file. */
export const coveringContracts = (
  contracts: readonly Contract[],
  thing: CoveredThing,
  atMs: number,
): readonly Contract[] =>
  contracts.filter(
    (contract) => isInForce(contract, atMs) && contract.covers.some((cover) => coversThing(cover, thing)),
  );

const drawnFirst: Readonly<Record<Contract['kind'], number>> = { pool: 0, floor: 1, slot: 2 };

/**
 * The contract that spending on the thing draws down: a pool where there is one, else a floor, else a slot; of several of a kind the one that ends
 * first, then the first in the file. Null where none in force covers it.
 */
export const contractFor = (contracts: readonly Contract[], thing: CoveredThing, atMs: number): Contract | null => {
  let best: Contract | null = null;
  for (const contract of coveringContracts(contracts, thing, atMs)) {
    const order = best && (drawnFirst[contract.kind] - drawnFirst[best.kind] || contract.untilMs - best.untilMs);
    if (order === null || order < 0) best = contract;
  }
  return best;
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
