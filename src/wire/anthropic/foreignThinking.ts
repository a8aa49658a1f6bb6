import type { Failure } from '../../vocabulary/index.ts';
import type { FailureRule } from '../failure/classifyFailure.ts';
import type { Correction } from '../wire.ts';

const cause = 'foreign_reasoning';

/** What Claude says, wherever it is served, of thinking that was signed for another model, account or conversation. */
export const foreignThinking: FailureRule = {
  status: [400, 422],
  message: /invalid `?signature`? in `?(redacted_)?thinking`? block|thinking`? blocks\b.*cannot be modified/i,
  class: 'capability',
  cause,
};

/** Thinking whose signature is refused goes, from that request: without it, the same is thought once more. */
export const thinkingCorrection = (failure: Failure): Correction | null =>
  failure.class === 'capability' && failure.cause === cause ? { withoutThinking: true, once: true } : null;
