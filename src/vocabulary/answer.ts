import type { AnswerContent, Seal } from './content.ts';
import type { ServiceTier } from './serviceTier.ts';
import type { Usage } from './usage.ts';

/**
 * Why an answer ended: `stop` (done, or a stop sequence), `length` (the output bound), `context-length` (the model's own room),
 * `tool-calls`, `content-filter` (a refusal by policy), `pause` (the vendor wants the turn continued), `unknown` (a word that we do not know: never
 * shown as a plain stop).
 */
export type FinishReason = 'stop' | 'length' | 'context-length' | 'tool-calls' | 'content-filter' | 'pause' | 'unknown';

export interface Finish {
  readonly reason: FinishReason;
  /** The vendor's own word. */
  readonly native: string | null;
  /** The stop sequence that was met, where the vendor tells it. */
  readonly stopSequence: string | null;
}

/** A whole answer, in no vendor's words. */
export interface Answer {
  /** The vendor's id of it; empty where it gave none. */
  readonly id: string;
  /** The vendor's name of the model that answered; empty where it gave none. */
  readonly model: string;
  readonly content: readonly AnswerContent[];
  readonly finish: Finish;
  /** Null where the vendor told none. */
  readonly usage: Usage | null;
  /** Service tier in which the vendor says that it was served; absent or null where it does not. */
  readonly servedTier?: ServiceTier | null;
}

/**
 * One step of a streamed answer. Blocks are numbered from 0 in the order in which they start. A block starts once, then has its deltas, then ends
 * once; blocks of several calls may run beside one another. `finish` comes after the last block has ended, once; `usage` may come at any time, the latest
 * replaces the earlier ones; `answer-end` is the last, and only a whole answer has it.
 */
export type AnswerPart =
  | { readonly type: 'answer-start'; readonly id: string; readonly model: string }
  | { readonly type: 'text-start'; readonly block: number }
  | { readonly type: 'text-delta'; readonly block: number; readonly text: string }
  | { readonly type: 'text-end'; readonly block: number; readonly seal?: Seal }
  | { readonly type: 'thinking-start'; readonly block: number }
  | { readonly type: 'thinking-delta'; readonly block: number; readonly text: string }
  /** With the seal over the whole of it, where the vendor gave one. */
  | { readonly type: 'thinking-end'; readonly block: number; readonly seal: Seal | null }
  /** A block that is whole at once: it has neither deltas nor an end. */
  | { readonly type: 'redacted-thinking'; readonly block: number; readonly seal: Seal }
  | { readonly type: 'refusal-start'; readonly block: number }
  | { readonly type: 'refusal-delta'; readonly block: number; readonly text: string }
  | { readonly type: 'refusal-end'; readonly block: number }
  /** With the seal on it, where it is known by then: some clients are told of it before the call. */
  | {
      readonly type: 'tool-call-start';
      readonly block: number;
      readonly id: string;
      readonly name: string;
      readonly seal?: Seal;
    }
  /** A piece of the JSON text of the arguments. The pieces of a block make an object; a call without arguments has the one piece "{}". */
  | { readonly type: 'tool-call-delta'; readonly block: number; readonly arguments: string }
  | { readonly type: 'tool-call-end'; readonly block: number; readonly seal?: Seal }
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly finish: Finish }
  | { readonly type: 'answer-end' };
