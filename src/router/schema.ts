import { z } from 'zod';
import {
  capField,
  choiceField,
  faultMessage,
  integerField,
  mapOf,
  midStreamWords,
  modelNameField,
  objectives,
  optional,
  preferenceFields,
  restrictionFields,
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

const treatmentField = choiceField(['refuse', 'drop']);

/** What becomes of a request that a target would have to serve without something. */
export type Treatment = z.output<typeof treatmentField>;

const treatment = (unlessSaid: Treatment, what: string) => treatmentField.prefault(unlessSaid).describe(what);

const featuresField = section({
  tools: treatment('refuse', 'Tools: without them, and with former calls as text'),
  parallelTools: treatment('drop', 'Whether several tools are called at once'),
  images: treatment('refuse', 'Images: a line says that one was left out'),
  documents: treatment('refuse', 'Documents: a line says that one was left out'),
  audio: treatment('refuse', 'Recordings: a line says that one was left out'),
  structuredOutput: treatment('refuse', 'An answer of a form: it is asked for in words'),
  schemas: treatment('drop', 'An answer held to a schema: it is asked for in words'),
  prefill: treatment('refuse', 'An answer that has begun: it is answered anew'),
  system: treatment('refuse', "The prompt of the system: it is said as the user's"),
  developerRole: treatment('drop', 'The role developer: it is said as the system'),
  reasoning: treatment('drop', 'Thinking before the answer'),
  'thinking.enabled': treatment('drop', 'Thinking within a budget: it thinks as it sees fit'),
  'thinking.adaptive': treatment('drop', 'Thinking as the model sees fit: it thinks within a budget'),
})
  .prefault({})
  .describe(
    'What becomes of what a target lacks: refuse keeps the request away from it, drop leaves it out and says so in x-archipel-dropped',
  );

const cap = optional(capField);

/** `policy`: what the router aims at and what it must never do. */
export const policySchema = section({
  objective: choiceField(objectives)
    .prefault('cost')
    .describe(
      'What is best: cost alone; latency, where cost decides between equals; or balanced, where a second counts as usdPerSecond',
    ),
  ...preferenceFields,
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
  midStream: choiceField(midStreamWords)
    .prefault('safe')
    .describe(
      'Whether an answer that broke off is continued by another target: never, safe (plain words, by who is known to take an answer that has begun), always (also by who is asked for the rest in words)',
    ),
  failover: section({
    contentPolicy: switchField.prefault(false).describe("Whether a vendor's content refusal moves on to another"),
  })
    .prefault({})
    .describe('What moves on to another target'),
  cacheIsolation: choiceField(['team', 'key', 'none'])
    .prefault('team')
    .describe(
      "Whose conversations and prompt_cache_key are kept apart in vendors' prompt caches: each team's, each key's, or with none each organisation's; what a vendor keeps by itself all share that use one credential",
    ),
  ...restrictionFields,
  features: featuresField,
  parameters: mapOf(modelNameField, treatmentField)
    .prefault({})
    .describe(
      'The same for parameters, by the names that x-archipel-dropped tells them under: absent, what only tunes is dropped, and what shapes the answer keeps the request away',
    ),
  unpriced: unpricedField.prefault('refuse').describe('What happens to a request that no price is known for'),
}).describe('What the router aims at and what it must never do');
