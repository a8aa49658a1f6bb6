import { settleAttempt } from '../ledger/index.ts';
import type { AttemptOutcome, FinalRecord, IntentRecord } from '../vocabulary/index.ts';
import type { EditedRequest } from '../wire/index.ts';
import type { CallEnd } from './callTarget.ts';
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
  made: { readonly attemptId: string; readonly attempt: number; readonly atMs: number },
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
  };
};

/** The record of what became of it. Times are monotonic milliseconds. */
export const finalOf = (
  { opened, weighed }: AttemptAbout,
  ended: {
    readonly intent: IntentRecord;
    readonly edited: EditedRequest;
    readonly end: CallEnd;
    readonly startedMonotonicMs: number;
    readonly endedMonotonicMs: number;
  },
): FinalRecord => {
  const { intent, edited, end, startedMonotonicMs, endedMonotonicMs } = ended;
  const { firstContentAtMs } = end.reading;
  return settleAttempt({
    intent,
    outcome: outcomeOf(end),
    reading: end.reading,
    price: weighed.terms.price,
    discount: weighed.terms.discount,
    inputEstimateTokens: opened.facts.inputEstimateTokens,
    durationMs: Math.round(endedMonotonicMs - startedMonotonicMs),
    firstContentMs: firstContentAtMs === null ? null : Math.round(firstContentAtMs - startedMonotonicMs),
    edits: edited.named,
  });
};

const outcomeOf = (end: CallEnd): AttemptOutcome => {
  switch (end.kind) {
    case 'answered':
      return { kind: 'ok' };
    case 'failed':
      return { kind: 'failed', failure: end.failure };
    case 'cancelled':
      return { kind: 'cancelled' };
  }
};
