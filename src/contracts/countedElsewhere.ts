import type { NanoUsd } from '../kernel/index.ts';
import { nanoUsd, scaleUsd, sumUsd, zeroUsd } from '../kernel/index.ts';
import type { PoolContract, SpentElsewhere } from './Contract.ts';
import type { FulfilmentWindow } from './fulfilmentWindow.ts';
import { proportion } from './proportion.ts';

/** What of it was spent before an instant. */
const before = ({ amountNanoUsd, fromMs, untilMs }: SpentElsewhere, atMs: number): NanoUsd =>
  proportion(amountNanoUsd, Math.min(atMs, untilMs) - fromMs, untilMs - fromMs);

const within = (one: SpentElsewhere, fromMs: number, untilMs: number): NanoUsd =>
  nanoUsd(before(one, untilMs) - before(one, fromMs));

/** Most that a product may fill of what is due; null without a limit. */
const capOf = ({ covers }: PoolContract, product: string, { dueNanoUsd }: FulfilmentWindow): NanoUsd => {
  const cover = covers.find((one) => one.kind === 'product' && one.product === product);
  return cover?.kind === 'product' ? scaleUsd(dueNanoUsd, cover.share) : zeroUsd;
};

/**
 * What counts towards a true-up interval of a pool, until an instant, of what the contract says was spent elsewhere: of a product, such as the
 * vendor's marketplace, no more than its share of what is due.
 */
export const countedElsewhere = (pool: PoolContract, window: FulfilmentWindow, atMs: number): NanoUsd => {
  const untilMs = Math.max(window.fromMs, Math.min(window.untilMs, atMs));
  const spentOn = new Map<string | null, bigint>();
  for (const one of pool.elsewhere)
    spentOn.set(one.product, (spentOn.get(one.product) ?? 0n) + within(one, window.fromMs, untilMs));
  return sumUsd(
    [...spentOn].map(([product, spent]) => {
      const cap = product === null ? spent : capOf(pool, product, window);
      return nanoUsd(spent < cap ? spent : cap);
    }),
  );
};
