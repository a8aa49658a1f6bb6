import { shareCaps } from '../market/market.ts';
import { secondsOfMonth } from '../months/loadShape.ts';
import type { Books } from './Books.ts';

/** From this part of a month on a cap counts minute by minute. */
const watchedFrom = 0.1;
const rounding = 1e-9;

/** How far the largest share of all is above its cap; less than 0 where none is. */
export const overrunOf = ({ usdByTarget, usdByHost, totalUsd }: Books): number =>
  Math.max(
    ...Array.from(usdByTarget, (usd) => usd / totalUsd - shareCaps.vendor),
    ...Array.from(usdByHost, (usd) => usd / totalUsd - shareCaps.host),
  );

/** Looks every minute whether caps hold. */
export class CapWatch {
  #looks = 0;
  #broken = 0;
  overrunMax = 0;

  look(books: Books, nowS: number): void {
    if (nowS <= watchedFrom * secondsOfMonth) return;
    const overrun = overrunOf(books);
    this.#looks += 1;
    if (overrun > rounding) this.#broken += 1;
    this.overrunMax = Math.max(this.overrunMax, overrun);
  }

  get brokenShare(): number {
    return this.#broken / this.#looks;
  }
}
