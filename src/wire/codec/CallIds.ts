import { assert } from '../../kernel/index.ts';
import type { ToolCallPart, ToolResultPart } from '../../vocabulary/index.ts';
import type { CallIdRule } from './CallIdRule.ts';
import type { AnswerFrame } from './Codec.ts';
import type { Seed } from './lettersOf.ts';
import type { AnsweredCall } from './pairCalls.ts';

/** The id of one call as a wire takes it: itself, or what is made of the seed. */
export const fittingCallId = (id: string, rule: CallIdRule, ...seed: Seed): string =>
  rule.fits(id) ? id : rule.make(...seed);

/**
 * The id of a call for a client, who may bring it back to a vendor of its wire that refuses others' ids.
 * @param position Where the call stands in the answer, which tells apart those that came without an id.
 */
export const clientCallId = (id: string, position: number, { requestId }: AnswerFrame, rule: CallIdRule): string =>
  fittingCallId(id, rule, ...(id === '' ? [requestId, position] : [id]));

/**
 * Ids of the calls of one conversation as a wire takes them: each once, the same in a call and its result, and the same ones each time the
 * conversation is sent. Some vendors number the calls of each answer anew, so that an id may come again later.
 */
export class CallIds {
  readonly #rule: CallIdRule;
  readonly #used = new Set<string>();
  /** How far each id that came again has got, so that the next one need not begin anew. */
  readonly #attempts = new Map<string, number>();
  readonly #ids = new Map<ToolCallPart | ToolResultPart, string>();

  /** @param pairs In the order of the conversation. */
  constructor(pairs: readonly AnsweredCall[], rule: CallIdRule) {
    this.#rule = rule;
    for (const { call, result } of pairs) {
      const id = this.#next(call.id);
      this.#ids.set(call, id).set(result, id);
    }
  }

  /** Whether a call has a result, or a result its call. */
  has(part: ToolCallPart | ToolResultPart): boolean {
    return this.#ids.has(part);
  }

  /** The id of a call that has a result, or of that result. */
  of(part: ToolCallPart | ToolResultPart): string {
    const id = this.#ids.get(part);
    assert(id !== undefined, 'only calls and results in pairs have ids');
    return id;
  }

  #next(id: string): string {
    let attempt = this.#attempts.get(id) ?? 0;
    let next = attempt > 0 || this.#used.has(id) ? this.#rule.make(id, attempt) : fittingCallId(id, this.#rule, id, 0);
    while (this.#used.has(next)) next = this.#rule.make(id, ++attempt);
    this.#attempts.set(id, attempt);
    this.#used.add(next);
    return next;
  }
}
