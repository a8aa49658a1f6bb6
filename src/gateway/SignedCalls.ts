import type { GenerateRequest, Seal } from '../vocabulary/index.ts';
import { callKey, type KnownSignatures, type SignedCall } from '../wire/index.ts';

/** Most signatures that are remembered, and most letters of all of them; beyond either the oldest are forgotten. */
const rememberedMax = 20_000;
const lettersMax = 16 * 1024 * 1024;
/** A longer one is not remembered. */
const signatureLettersMax = 64 * 1024;
/** How many go along where nobody has read yet which calls a request has. */
const newestMax = 64;

interface Remembered {
  readonly organisation: string;
  readonly key: string;
  readonly seal: Seal;
}

/**
 * Signatures of calls, for clients who give back of a call no more than its id, its name and its arguments. All others bring them along, so that it is no loss that
 * another process, or this one before its start, remembers others: the vendor is told then that there is none.
 */
export class SignedCalls {
  readonly #remembered = new Map<string, Remembered>();
  #letters = 0;

  keep(organisation: string, calls: readonly SignedCall[]): void {
    for (const call of calls) {
      const key = callKey(call);
      if (key.length + call.seal.value.length > signatureLettersMax) continue;
      const place = placeOf(organisation, key);
      this.#forget(place);
      this.#remembered.set(place, { organisation, key, seal: call.seal });
      this.#letters += lettersOf(call.seal, key);
    }
    for (const place of this.#remembered.keys()) {
      if (this.#remembered.size <= rememberedMax && this.#letters <= lettersMax) break;
      this.#forget(place);
    }
  }

  /** Those of the calls in a conversation that came without. */
  of(organisation: string, { messages }: GenerateRequest): KnownSignatures {
    const known = new Map<string, Seal>();
    if (this.#remembered.size === 0) return known;
    for (const { role, content } of messages) {
      if (role !== 'assistant') continue;
      for (const part of content) {
        if (part.type !== 'tool-call' || part.seal !== undefined) continue;
        const key = callKey(part);
        const found = this.#remembered.get(placeOf(organisation, key));
        if (found !== undefined) known.set(key, found.seal);
      }
    }
    return known;
  }

  /** The newest of an organisation. */
  newest(organisation: string): KnownSignatures {
    const own = [...this.#remembered.values()].filter((one) => one.organisation === organisation);
    return new Map(own.slice(-newestMax).map(({ key, seal }) => [key, seal]));
  }

  #forget(place: string): void {
    const remembered = this.#remembered.get(place);
    if (remembered === undefined) return;
    this.#remembered.delete(place);
    this.#letters -= lettersOf(remembered.seal, remembered.key);
  }
}

const placeOf = (organisation: string, key: string): string => `${organisation}\n${key}`;

const lettersOf = ({ value }: Seal, key: string): number => value.length + key.length;
