import { cacheLifeS, market } from '../market/market.ts';

const targetCount = market.length;

/** What each target holds of each conversation: as many tokens as it was last sent, while its cache lives. */
export class ConversationCaches {
  readonly #tokens: Int32Array;
  readonly #sentS: Float64Array;

  constructor(conversations: number) {
    this.#tokens = new Int32Array(conversations * targetCount);
    this.#sentS = new Float64Array(conversations * targetCount).fill(-Infinity);
  }

  heldTokens(conversation: number, target: number, nowS: number): number {
    const place = conversation * targetCount + target;
    return nowS - (this.#sentS[place] ?? 0) <= cacheLifeS ? (this.#tokens[place] ?? 0) : 0;
  }

  /** Whether any target holds some of it. */
  isHeld(conversation: number, nowS: number): boolean {
    for (let target = 0; target < targetCount; target += 1)
      if (this.heldTokens(conversation, target, nowS) > 0) return true;
    return false;
  }

  send(conversation: number, target: number, inputTokens: number, nowS: number): void {
    const place = conversation * targetCount + target;
    this.#tokens[place] = inputTokens;
    this.#sentS[place] = nowS;
  }
}
