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
  readonly owner: string;
  readonly key: string;
  /** Null where several calls were known by it: nobody can tell then which of them comes back. */
  readonly seal: Seal | null;
}

/**
 * Signatures of calls, for clients who give back of a call no more than its id, its name and its arguments. All others bring them along, so that it is no loss that
 * another process, or this one before its start, remembers others: the vendor is told then that there is none. A signature holds what a model has thought: nobody's
 * goes into what another team asks, nor into another conversation where a vendor numbers the calls of each anew.
 */
export class SignedCalls {
  readonly #remembered = new Map<string, Remembered>();
  #letters = 0;

  /** @param owner By `ownerOf`. */
  keep(owner: string, calls: readonly SignedCall[]): void {
    for (const call of calls) {
      const key = callKey(call);
      if (key.length + call.seal.value.length > signatureLettersMax) continue;
      const place = placeOf(owner, key);
      const before = this.#remembered.get(place);
      const seal = before === undefined || before.seal?.value === call.seal.value ? call.seal : null;
      this.#forget(place);
      const remembered = { owner, key, seal };
      this.#remembered.set(place, remembered);
      this.#letters += lettersOf(remembered);
    }
    for (const place of this.#remembered.keys()) {
      if (this.#remembered.size <= rememberedMax && this.#letters <= lettersMax) break;
      this.#forget(place);
    }
  }

  /** Those of the calls in a conversation that came without. */
  of(owner: string, { messages }: GenerateRequest): KnownSignatures {
    const known = new Map<string, Seal>();
    if (this.#remembered.size === 0) return known;
    for (const { role, content } of messages) {
      if (role !== 'assistant') continue;
      for (const part of content) {
        if (part.type !== 'tool-call' || part.seal !== undefined) continue;
        const key = callKey(part);
        const seal = this.#remembered.get(placeOf(owner, key))?.seal ?? null;
        if (seal !== null) known.set(key, seal);
      }
    }
    return known;
  }

  /** The newest of an owner. */
  newest(owner: string): KnownSignatures {
    const own = [...this.#remembered.values()].flatMap((one) =>
      one.owner === owner && one.seal !== null ? [[one.key, one.seal] as const] : [],
    );
    return new Map(own.slice(-newestMax));
  }

  #forget(place: string): void {
    const remembered = this.#remembered.get(place);
    if (remembered === undefined) return;
    this.#remembered.delete(place);
    this.#letters -= lettersOf(remembered);
  }
}

const placeOf = (owner: string, key: string): string => `${owner}\n${key}`;

const lettersOf = ({ seal, key }: Remembered): number => (seal?.value.length ?? 0) + key.length;
