import type { z } from 'zod';
import {
  choiceField,
  faultMessage,
  integerField,
  labelField,
  listOf,
  nameField,
  optional,
  section,
  switchField,
  usdField,
} from './fields.ts';

/** What a choice among targets aims at. */
export const objectives = ['cost', 'latency', 'balanced'] as const;

export type Objective = (typeof objectives)[number];

/** Whether an answer that broke off is continued by another target. */
export const midStreamWords = ['never', 'safe', 'always'] as const;

export type MidStream = (typeof midStreamWords)[number];

const tagsMax = 64;
const retentionDaysMax = 36_500;

/** Words that deployments carry and requests may demand. */
export const tagsField = listOf(nameField, tagsMax);

const retentionDaysField = optional(integerField(0, retentionDaysMax, 'days'));

/** What a provider does with what it is sent, as its operator knows it from its contract. */
export const dataTermsSchema = section({
  retentionDays: retentionDaysField.describe(
    'How long it keeps requests and answers; 0: not at all; absent: not known',
  ),
  training: optional(switchField).describe('Whether it trains models on them; absent: not known'),
});

/** Null where nobody says it. */
export type DataTerms = z.output<typeof dataTermsSchema>;

const pinsField = choiceField(['allow', 'refuse']);

/** What may be said of preferences, widest to narrowest, with the same words at each level. */
export const preferenceFields = {
  usdPerSecond: optional(usdField).describe(
    'What a second of waiting is worth under the objective balanced, in US dollars; absent: 0.001, which is 3.60 an hour',
  ),
  pins: optional(pinsField).describe('Whether a request may name its own target (x-archipel-pin); absent: it may'),
};

/** What may be said of restrictions: those of all levels hold. */
export const restrictionFields = {
  residency: optional(
    section({
      jurisdictions: listOf(labelField, 64)
        .min(1, faultMessage('a list that allows no jurisdiction', 'name at least one, or leave residency out'))
        .describe('Laws that the data may fall under; a provider that does not say its own is kept away'),
    }),
  ).describe('Where data may go'),
  data: optional(
    section({
      retentionDays: retentionDaysField.describe('Longest that a provider may keep requests; absent: any'),
      training: switchField
        .prefault(true)
        .describe('false: only providers that say that they train no models on requests'),
    }),
  ).describe('What providers may do with the data; one that does not say it is kept away'),
  tags: tagsField.prefault([]).describe('Tags that a deployment must have, all of them'),
};

/** `policy` of a model, a team or a key. */
export const routePolicySchema = section({
  objective: optional(choiceField(objectives)).describe('What is best: cost, latency or balanced'),
  midStream: optional(choiceField(midStreamWords)).describe(
    'Whether an answer that broke off is continued by another target',
  ),
  ...preferenceFields,
  ...restrictionFields,
});

/** Null for what a level does not say. */
export type RoutePolicy = z.output<typeof routePolicySchema>;
