import { failure, type Result } from '../../kernel/index.ts';
import type { Failure } from '../../vocabulary/index.ts';
import { protocolFailure } from '../failure/classifyFailure.ts';

/** What an answer is in which the vectors are not where they belong. */
export const notVectors = (): Result<never, Failure> =>
  failure(protocolFailure('not_an_answer', 'the answer has no vectors of finite numbers'));
