import type { RequestFacts } from '../../wire/index.ts';
import type { Exchange } from '../Exchange.ts';
import { ownerOf, type KeptAnswer } from './AnswerKeeper.ts';

/** A copy: what the texts were read with would be kept, too. */
const copyOf = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

/** What is kept of an answer, from the last bytes that the client gets of it; null where they hold none. */
export const answerToKeep = (exchange: Exchange, facts: RequestFacts, lastBytes: Uint8Array): KeptAnswer | null => {
  const { wire, principal, requestId, resumed, body } = exchange;
  const answer = wire.keeping?.answerIn(lastBytes, facts.stream) ?? null;
  if (wire.keeping === undefined || answer === null) return null;
  return {
    requestId,
    owner: ownerOf(principal),
    previous: resumed?.previous ?? null,
    input: copyOf(resumed?.input ?? wire.keeping.inputOf(body, facts)),
    answer: copyOf(answer),
  };
};
