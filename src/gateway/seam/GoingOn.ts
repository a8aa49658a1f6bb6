import { addedUsage, featureSet, type Usage } from '../../vocabulary/index.ts';
import type { RequestFacts, RunningAnswer } from '../../wire/index.ts';
import type { LackPolicy } from '../LackPolicy.ts';
import type { OpenedRequest } from '../openRequest.ts';
import type { Refusal } from '../Refusal.ts';
import type { Deployment } from '../Snapshot.ts';
import type { ContinuingWay } from './ContinuingWay.ts';
import { endsInThought } from './endsInThought.ts';

/** An answer that broke off and that somebody else is asked to go on with. */
export interface GoingOn {
  /** The request as the client made it. */
  readonly opened: OpenedRequest;
  readonly running: RunningAnswer;
  /** How long it was then: it grows, where it is gone on with. UTF-16 units. */
  readonly textLength: number;
  /** "provider/model" whose answer broke off. */
  readonly from: string;
  /** What all attempts so far have used. */
  readonly usage: Usage;
  /** Output tokens of what the client has. */
  readonly writtenTokens: number;
  /** What the client is told where nobody goes on. */
  readonly refusal: Refusal;
}

const bytesPerToken = 4;
/** For the line that asks for the rest, and what vendors put around a turn. */
const allowanceTokens = 256;
const prefill = featureSet(['prefill']);

/** Output tokens that an attempt has written, thought or said. */
export const writtenIn = ({ output = 0, reasoning = 0 }: Usage): number => output + reasoning;

/** What is left of the client's bound; null where it set none. */
const boundLeft = ({ opened, writtenTokens }: GoingOn): number | null => {
  const { outputBoundTokens } = opened.facts;
  return outputBoundTokens === null ? null : outputBoundTokens - writtenTokens;
};

/** Whether the rest may be asked for in words, of who takes no answer that has begun. */
const isAsked = ({ opened }: GoingOn): boolean => opened.demands.policy.midStream === 'always';

/** Whether there is anything to go on with, and room for more of it. */
export const canGoOn = (going: GoingOn): boolean => {
  const { running, opened } = going;
  // Its vendor has a part of it under the id that the client goes on from.
  const isKept = running.isUntouched && opened.facts.answerKept === true;
  if (isKept && !isAsked(going)) return false;
  return running.text.trim() !== '' && !endsInThought(running.text) && (boundLeft(going) ?? 1) > 0;
};

export const continuingWay = (going: GoingOn): ContinuingWay => ({
  continuing: {
    text: going.running.text,
    ways: isAsked(going) ? ['prefill', 'instruction'] : ['prefill'],
    outputTokensMax: boundLeft(going),
  },
  taken: { running: going.running, usage: going.usage, from: going.from },
});

/** What the gateway needs to know of the request for the rest. */
export const continuedFacts = (going: GoingOn): RequestFacts => {
  const { serviceTier: _tier, ...facts } = going.opened.facts;
  const bytes = Buffer.byteLength(going.running.text);
  const { inputBoundTokens, inputEstimateTokens, requirements } = facts;
  // What the client itself began is asked for with the rest of it.
  const features = isAsked(going) ? requirements.features & ~prefill : requirements.features | prefill;
  return {
    ...facts,
    outputBoundTokens: boundLeft(going),
    inputBoundTokens: inputBoundTokens === null ? null : inputBoundTokens + bytes + allowanceTokens,
    inputEstimateTokens: inputEstimateTokens + Math.ceil(bytes / bytesPerToken),
    requirements: { ...requirements, features },
  };
};

/** A target as one that is to go on: unless it is known to take an answer that has begun it lacks that. A guess costs an attempt, and may be answered anew. */
export const asGoingOn = (deployment: Deployment): Deployment => {
  const { capabilities } = deployment;
  if ((capabilities.takes & prefill) !== 0) return deployment;
  return { ...deployment, capabilities: { ...capabilities, lacks: capabilities.lacks | prefill } };
};

/** The policy without leave to begin anew. */
export const withoutAnew = (lacking: LackPolicy): LackPolicy => ({ ...lacking, dropped: lacking.dropped & ~prefill });

/** After one more attempt that did not come to its end. */
export const gone = (before: GoingOn | null, used: Usage): Usage => addedUsage(before?.usage ?? {}, used);
