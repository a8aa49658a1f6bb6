import type { Result } from '../kernel/index.ts';
import type { RequestFacts, RequestFault } from './facts.ts';

/** What is kept of an answer, so that a request may go on from it: JSON as UTF-8. */
export interface KeptTexts {
  /** Id of the request that was answered: all names that a client has for the answer are made from it. */
  readonly requestId: string;
  /** What the request brought, as it was written; empty where it brought nothing. */
  readonly input: Uint8Array;
  /** The answer as the client has it. */
  readonly answer: Uint8Array;
}

/** Answers that a request names in place of what was said in them. */
export interface NamedAnswers {
  /** Request id of the answer that it goes on from; null where that is none of ours. */
  readonly previous: string | null;
  /** Request ids of answers of which it names items, each with the name of one. */
  readonly ofItems: ReadonlyMap<string, string>;
}

/** What was found of the answers that a request names. */
export interface FoundAnswers {
  /** What was said before it, the oldest first. */
  readonly before: readonly KeptTexts[];
  /** Answers of which it names items. */
  readonly ofItems: readonly KeptTexts[];
}

/** For wires whose clients name earlier answers in place of what was said: how such are kept here and put together again. Pure. */
export interface AnswerKeeping {
  /** The name that clients know an answer by. */
  nameOf(requestId: string): string;
  /** Request id of an answer by its name; null where no answer of ours is called so. */
  requestIdOf(name: string): string | null;
  /** What a request names, as far as it can be ours; null where it names nothing of the kind. */
  namedIn(body: Uint8Array, facts: RequestFacts): NamedAnswers | null;
  /** The same of what an earlier request brought. */
  itemsNamedIn(input: Uint8Array): NamedAnswers['ofItems'];
  /** What a request brings itself, as it is written; empty where it brings nothing. */
  inputOf(body: Uint8Array, facts: RequestFacts): Uint8Array;
  /** The answer in the last bytes that a client gets: all of them, or the last event of a stream. Null where they hold none. */
  answerIn(lastBytes: Uint8Array, streamed: boolean): Uint8Array | null;
  /** The request with everything in it that it names. What was not found stays named. Null where it would be larger than `bytesMax`. */
  resume(body: Uint8Array, facts: RequestFacts, found: FoundAnswers, bytesMax: number): Uint8Array | null;
  /** What the request of an answer brought, one page of it. @param query With its question mark; empty where there is none. */
  inputPage(kept: Omit<KeptTexts, 'answer'>, query: string): Result<Uint8Array, RequestFault>;
  /** Says that an answer is kept no more. */
  removed(requestId: string): Uint8Array;
}
