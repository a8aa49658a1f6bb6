import type { Failure } from '../../vocabulary/index.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';

/** Most calls of one answer that are read: models make a few dozen, and each is kept until the answer ends. */
export const callsMax = 10_000;

export const tooManyCalls = (): Failure => protocolFailure('answer_too_large', `more than ${callsMax} calls of tools`);
