import {
  choiceField,
  hostField,
  integerField,
  labelField,
  listOf,
  mapOf,
  nameField,
  optional,
  section,
  usdField,
} from '../vocabulary/index.ts';

const acceleratorField = section({
  kind: labelField.describe('Kind of accelerator, such as GB200'),
  count: integerField(1, 10_000_000, 'accelerators').describe('How many the site has'),
  domain: optional(integerField(1, 1_000_000, 'accelerators')).describe('How many share one fast fabric'),
});

const priceField = section({
  hourUsd: usdField.describe('US dollars per accelerator-hour, on demand'),
  spotHourUsd: optional(usdField).describe('US dollars per accelerator-hour, where it may be taken away'),
});

const siteSchema = section({
  executor: choiceField(['local', 'slurm', 'kubernetes', 'skypilot']).describe('Engine that runs the jobs'),
  vendor: labelField.describe('Who bills for it'),
  region: optional(labelField).describe('Region of the vendor'),
  host: hostField.prefault([]).describe('Whose machines it is'),
  jurisdiction: optional(labelField).describe('Law that the data falls under'),
  accelerators: listOf(acceleratorField, 100).prefault([]).describe('What it has'),
  price: mapOf(labelField, priceField).prefault({}).describe('Price by kind of accelerator'),
});

/** `sites`: where jobs can run. */
export const sitesSchema = mapOf(nameField, siteSchema).describe('Where jobs can run');
