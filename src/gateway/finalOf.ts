import { settleAttempt } from '../ledger/index.ts';
import type { AttemptOutcome, FinalRecord, IntentRecord } from '../vocabulary/index.ts';
import type { EditedRequest } from '../wire/index.ts';
import type { CallEnd } from './callTarget.ts';
import type { AttemptAbout } from './intentOf.ts';
import { withoutContent } from './withoutContent.ts';

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
    outcome: outcomeOf(end, edited.body),
    reading: end.reading,
    price: weighed.terms.price,
    discount: weighed.terms.discount,
    askedTier: weighed.tier,
    inputEstimateTokens: opened.facts.inputEstimateTokens,
    durationMs: Math.round(endedMonotonicMs - startedMonotonicMs),
    firstContentMs: firstContentAtMs === null ? null : Math.round(firstContentAtMs - startedMonotonicMs),
    edits: edited.named,
  });
};

const outcomeOf = (end: CallEnd, request: Uint8Array): AttemptOutcome => {
  switch (end.kind) {
    case 'answered':
      return { kind: 'ok' };
    case 'failed':
      return { kind: 'failed', failure: withoutContent(end.failure, request) };
    case 'cancelled':
    case 'capped':
      return { kind: 'cancelled' };
  }
};
