import type { z } from 'zod';
import {
  choiceField,
  faultMessage,
  hostField,
  integerField,
  labelField,
  listOf,
  mapOf,
  nameField,
  optional,
  rateField,
  section,
  usdField,
} from '../vocabulary/index.ts';

const acceleratorField = section({
  kind: labelField.describe('Kind of accelerator, such as GB200'),
  count: integerField(1, 10_000_000, 'accelerators').describe('How many the site has'),
  domain: optional(integerField(1, 1_000_000, 'accelerators')).describe('How many share one fast fabric'),
});

const priceField = section({
  hourUsd: usdField.describe('US dollars per accelerator-hour, on demand; 0 only where it costs nothing'),
  spotHourUsd: optional(usdField).describe('US dollars per accelerator-hour, where it may be taken away'),
});

/** How fast data comes in where the file does not say: a gigabyte a second. */
export const defaultGigabytesPerHour = 3_600;

const acceleratorsField = listOf(acceleratorField, 100).refine(
  (accelerators) => new Set(accelerators.map(({ kind }) => kind)).size === accelerators.length,
  faultMessage('a kind of accelerator that is listed twice', 'add the counts up in one entry'),
);

const siteSchema = section({
  executor: choiceField(['local', 'slurm', 'kubernetes', 'skypilot']).describe('Engine that runs the jobs'),
  vendor: labelField.describe('Who bills for it'),
  region: optional(labelField).describe('Region of the vendor'),
  host: hostField.prefault([]).describe('Whose machines it is'),
  jurisdiction: optional(labelField).describe('Law that the data falls under'),
  dependsOn: listOf(labelField, 64).prefault([]).describe('Hosts, providers and sites without which it stops'),
  accelerators: acceleratorsField.prefault([]).describe('What it has'),
  price: mapOf(labelField, priceField)
    .prefault({})
    .describe(
      'Price by kind of accelerator; a kind without one has that of the imported lists for its vendor and region',
    ),
  interruptionsPerHour: optional(rateField).describe(
    'Expected interruptions an hour of what may be taken away; absent: one in 730 hours',
  ),
  egressUsdPerGB: optional(usdField).describe(
    'US dollars for a gigabyte that leaves the site; absent: 0 with the executor local, else 0.12 when places are compared',
  ),
  gigabytesPerHour: integerField(1, 1_000_000_000, 'gigabytes')
    .prefault(defaultGigabytesPerHour)
    .describe('How fast data comes in'),
});

export type SiteConfiguration = z.output<typeof siteSchema>;

/** `sites`: where jobs can run. */
export const sitesSchema = mapOf(nameField, siteSchema).describe('Where jobs can run');
