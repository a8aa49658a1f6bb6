import type { RateTokens } from '../ledger/index.ts';
import type { OutputEstimate } from '../router/index.ts';
import type { Operation } from '../vocabulary/index.ts';
import type { OpenedRequest } from './openRequest.ts';

/** Tokens that a request is let in with: what was counted of it here, and how long such answers are. */
export const expectedTokens = (
  { facts, model }: OpenedRequest,
  operation: Operation,
  outputEstimate: OutputEstimate,
): RateTokens => ({
  inputTokens: facts.inputEstimateTokens,
  cacheReadTokens: 0,
  outputTokens:
    operation === 'generate'
      ? Math.ceil(outputEstimate.expect(model.name, facts.inputEstimateTokens, facts.outputBoundTokens))
      : 0,
});
