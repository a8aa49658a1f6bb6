import { z } from 'zod';
import {
  capField,
  choiceField,
  faultMessage,
  integerField,
  optional,
  section,
  shareField,
  switchField,
  usdField,
  windowField,
} from '../vocabulary/index.ts';

/** What happens to a request that no price is known for. */
export type Unpriced =
  | { readonly kind: 'refuse' }
  | { readonly kind: 'flag' }
  /** Held and booked at this many nano-USD per million tokens. */
  | { readonly kind: 'ceiling'; readonly ceilingPerMTok: bigint };

const unpricedField = z
  .union(
    [choiceField(['refuse', 'flag']), section({ ceilingPerMTok: usdField.describe('US dollars per million tokens') })],
    faultMessage('expected refuse, flag or a ceiling', 'write refuse, flag or { ceilingPerMTok: "..." }'),
  )
  .transform((written): Unpriced =>
    typeof written === 'string' ? { kind: written } : { kind: 'ceiling', ceilingPerMTok: written.ceilingPerMTok },
  );

const cap = optional(capField);

/** `policy`: what the router aims at and what it must never do. */
export const policySchema = section({
  objective: choiceField(['cost', 'latency', 'balanced']).prefault('cost').describe('What is best'),
  concentration: section({
    vendor: cap.describe('Most that one vendor may have of the whole'),
    host: cap.describe('Most that may run on one host; unknown hosts count at their worst case'),
    jurisdiction: cap.describe('Most that may fall under one jurisdiction'),
    lab: cap.describe("Most that may go to one lab's models"),
    basis: choiceField(['spend']).prefault('spend').describe('What is counted'),
    window: windowField.prefault('month').describe('Over what time'),
  })
    .prefault({})
    .describe('Caps on dependence'),
  resilience: optional(
    section({
      lostVendors: integerField(1, 10, 'vendors').prefault(1).describe('How many may be out at once'),
      servedShare: shareField.prefault('1').describe('Share of the work to be served then'),
    }),
  ).describe('What must survive an outage'),
  midStream: choiceField(['never', 'safe', 'always'])
    .prefault('safe')
    .describe('Whether an answer that broke off is continued by another target'),
  failover: section({
    contentPolicy: switchField.prefault(false).describe("Whether a vendor's content refusal moves on to another"),
  })
    .prefault({})
    .describe('What moves on to another target'),
  cacheIsolation: choiceField(['team', 'key', 'none'])
    .prefault('team')
    .describe("Who may share a vendor's prompt cache"),
  unpriced: unpricedField.prefault('refuse').describe('What happens to a request that no price is known for'),
}).describe('What the router aims at and what it must never do');
