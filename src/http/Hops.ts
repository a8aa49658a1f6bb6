/** Most gateways of our kind that a request may come through. */
const hopsMax = 8;

const namePattern = /^archipel-[0-9a-f]{16}$/;

/** The name of a gateway among all. @param random Eight bytes that nobody else has. */
export const hopName = (random: Uint8Array): string => `archipel-${Buffer.from(random).toString('hex')}`;

/**
 * Who a request has come through, and how the next hop is told (`Via`, RFC 9110, 7.6.3). Only gateways of our kind are told of: which proxies
 * stand before them is no vendor's business.
 */
export class Hops {
  readonly #name: string;
  readonly #via: string;

  constructor(name: string) {
    this.#name = name;
    this.#via = `1.1 ${name}`;
  }

  /** @returns what to tell the next hop; null where the request has been here before, or goes round and round elsewhere. */
  onwards(via: string | undefined): string | null {
    if (via === undefined) return this.#via;
    const names = via.split(/[\s,]+/).filter((word) => namePattern.test(word));
    if (names.includes(this.#name) || names.length >= hopsMax) return null;
    return [...names.map((name) => `1.1 ${name}`), this.#via].join(', ');
  }
}
