import { type Pattern, patternsOf } from './patternsOf.ts';

/** A secret in the place that it was put into. */
export interface PlacedSecret {
  /** "client key", "vendor credential". */
  readonly slot: string;
  readonly secret: string;
}

export interface Sighting {
  readonly slot: string;
  /** "base64 at 1, the first half". */
  readonly form: string;
  /** In bytes. */
  readonly offset: number;
}

interface Sought extends Pattern {
  readonly slot: string;
}

const sieveBits = 20;
const headLength = 4;

/** Looks for all forms of many secrets in one pass: four bytes ask a sieve, what falls through is compared. */
export class SecretScan {
  readonly #sieve = new Uint8Array(1 << sieveBits);
  readonly #byHead = new Map<number, Sought[]>();

  constructor(secrets: readonly PlacedSecret[]) {
    for (const { slot, secret } of secrets) for (const pattern of patternsOf(secret)) this.#add({ ...pattern, slot });
  }

  /** Every place at which a half of a secret stands; one of each slot and form. */
  find(bytes: Uint8Array): Sighting[] {
    const found = new Map<string, Sighting>();
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let head = 0;
    for (let end = 0; end < text.length; end += 1) {
      head = (head << 8) | (text[end] ?? 0);
      if (this.#sieve[Math.imul(head, 0x9e3779b1) >>> (32 - sieveBits)] === 0) continue;
      const offset = end - headLength + 1;
      for (const { bytes: sought, slot, form } of this.#byHead.get(head) ?? [])
        if (
          offset >= 0 &&
          sought.equals(text.subarray(offset, offset + sought.length)) &&
          !found.has(`${slot}/${form}`)
        )
          found.set(`${slot}/${form}`, { slot, form, offset });
    }
    return [...found.values()];
  }

  #add(sought: Sought): void {
    const head = sought.bytes.readInt32BE(0);
    this.#sieve[Math.imul(head, 0x9e3779b1) >>> (32 - sieveBits)] = 1;
    const others = this.#byHead.get(head);
    if (others) others.push(sought);
    else this.#byHead.set(head, [sought]);
  }
}
