import { featureSet, type Failure } from '../../vocabulary/index.ts';
import type { Exchange } from '../Exchange.ts';
import type { OpenedRequest } from '../openRequest.ts';

/** Answers that are no words, or words of a form that half of it tells nothing of. */
const formed = featureSet(['structuredOutput', 'schemas', 'imageOutput', 'audioOutput']);

/** Whether another target may go on with the answer to a request at all, should it break off. */
export const mayBeContinued = (
  { route }: Pick<Exchange, 'route'>,
  { facts, demands, deployments }: Pick<OpenedRequest, 'facts' | 'demands' | 'deployments'>,
): boolean => {
  // Nobody is asked twice.
  if (deployments.length < 2) return false;
  if (demands.policy.midStream === 'never' || route.operation !== 'generate' || !facts.stream) return false;
  const isPlain = facts.choices === 1 && (facts.requirements.features & formed) === 0;
  return isPlain && facts.conversation === undefined;
};

const breakingClasses: ReadonlySet<Failure['class']> = new Set(['transient', 'quota', 'operator']);
/** What a stream that ends in its middle looks like. Other faults of a protocol leave it open what of an answer is one. */
const breakingCauses: ReadonlySet<string> = new Set(['no_terminal_event', 'undecodable_event', 'broken_frame']);

/** Whether an answer that failed so has only broken off: what came of it stands. */
export const isBreak = (failure: Failure): boolean =>
  breakingClasses.has(failure.class) || (failure.class === 'protocol' && breakingCauses.has(failure.cause));
