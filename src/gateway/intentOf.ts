import type { BudgetBucket, IntentRecord } from '../vocabulary/index.ts';
import type { Exchange } from './Exchange.ts';
import type { OpenedRequest } from './openRequest.ts';
import type { Weighed } from './weigh.ts';

export interface AttemptAbout {
  readonly exchange: Exchange;
  readonly opened: OpenedRequest;
  readonly weighed: Weighed;
}

/** The record of an attempt before the vendor hears of it. @param atMs Unix milliseconds. */
export const intentOf = (
  { exchange, opened, weighed }: AttemptAbout,
  made: {
    readonly attemptId: string;
    readonly attempt: number;
    readonly atMs: number;
    /** Of its hold. */
    readonly budgets: readonly BudgetBucket[];
  },
): IntentRecord => {
  const { principal, requestId, wire, route } = exchange;
  const { deployment, terms, worstCase } = weighed;
  return {
    type: 'intent',
    attemptId: made.attemptId,
    requestId,
    attempt: made.attempt,
    organisation: principal.organisation,
    team: principal.team,
    key: principal.key,
    model: opened.model.name,
    provider: deployment.target.provider,
    targetModel: deployment.target.model,
    vendor: deployment.vendor,
    hosts: deployment.hosts,
    jurisdiction: deployment.jurisdiction,
    lab: deployment.lab,
    region: deployment.region,
    wire: wire.name,
    operation: route.operation,
    stream: opened.facts.stream,
    contract: terms.contract,
    startedAtMs: made.atMs,
    holdNanoUsd: worstCase.toString(),
    ...(made.budgets.length === 0 ? {} : { budgets: made.budgets }),
  };
};
