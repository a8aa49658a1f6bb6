import { formatUsd, parseNanoUsd } from '../../kernel/index.ts';
import type { PriceChange, ShownPrices } from '../../market/index.ts';

const million = 1_000_000n;

/** Nano-USD per million as dollars per million, without the zeros at the end. */
export const perMillion = (nanoUsd: string): string => formatUsd(parseNanoUsd(nanoUsd), 9).replace(/\.?0+$/, '');

const bucketPrice = (bucket: string, price: string): string =>
  bucket === 'requests' ? `${perMillion((parseNanoUsd(price) / million).toString())} each` : perMillion(price);

/** Prices by bucket, "input 2.5, output 10". */
export const pricesText = (prices: ShownPrices): string =>
  Object.entries(prices)
    .map(([bucket, price]) => `${bucket} ${bucketPrice(bucket, price)}`)
    .join(', ');

const percentText = (percent: number | undefined): string =>
  percent === undefined ? '' : ` (${percent > 0 ? '+' : ''}${percent} %)`;

/** What changed, bucket by bucket: "input 2 -> 2.5 (+25 %)". */
const changesText = ({ percent }: PriceChange, before: ShownPrices, after: ShownPrices): string =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .flatMap((bucket) => {
      const [was, is] = [before[bucket], after[bucket]];
      const [old, now] = [was, is].map((price) => (price === undefined ? 'none' : bucketPrice(bucket, price)));
      return was === is ? [] : [`${bucket} ${old} -> ${now}${percentText(percent[bucket])}`];
    })
    .join(', ');

/** A change as a line: what is new begins with +, what is gone with -, and = stands for none. */
export const changeLine = (change: PriceChange): string => {
  const { price, before, after } = change;
  if (after === null) return `- ${price}: ${pricesText(before ?? {})}`;
  if (before === null) return `+ ${price}: ${pricesText(after)}`;
  const changes = changesText(change, before, after);
  return changes === '' ? `= ${price}: ${pricesText(after)}` : `~ ${price}: ${changes}`;
};
