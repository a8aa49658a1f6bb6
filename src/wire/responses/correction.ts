import { featureSet, type Failure } from '../../vocabulary/index.ts';
import { hints } from '../openai/hints.ts';
import { accommodate } from '../request/accommodate.ts';
import type { Correction, RequestFacts } from '../wire.ts';

/** Those of chats, and what a client tells of itself. */
const ownHints: ReadonlySet<string> = new Set([...hints, 'client_metadata']);

/** Parameters that shape the answer are never dropped: then another target is asked. The bound has one name here. */
export const correction = (failure: Failure, facts: RequestFacts): Correction | null => {
  if (failure.class !== 'capability') return null;
  // Encrypted reasoning means something to the account that made it only; without it, the same is thought once more.
  if (failure.cause === 'foreign_reasoning') return { withoutThinking: true, once: true };
  const { parameter } = failure;
  if (!/^unsupported_(parameter|value)$/.test(failure.cause) || parameter === undefined) return null;
  // A model that cannot be told not to think either never does, or always: asked for nothing, it does what it can.
  if (/^reasoning(\.effort)?$/.test(parameter)) return facts.thinkingOff === true ? { drop: ['reasoning'] } : null;
  return ownHints.has(parameter) && failure.cause === 'unsupported_parameter' ? { drop: [parameter] } : null;
};

const sampling: ReadonlySet<string> = new Set(['temperature', 'top_p']);

const askedBy = { parallelTools: ['parallel_tool_calls'], reasoning: ['reasoning'] } as const;

/** Features that are left out of a response by what follows. */
export const eased = featureSet(Object.keys(askedBy));

export const accommodation = (facts: RequestFacts, unsupported: readonly string[]): Correction => ({
  ...accommodate(facts, unsupported, { sampling, otherNames: {}, askedBy }),
  ...(unsupported.includes('reasoning') ? { withoutReasoning: true } : {}),
});
