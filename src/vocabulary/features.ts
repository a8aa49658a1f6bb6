/**
 * What a request can need and a target can lack, beside parameters, by the names that files and reasons give it. The place in this list is the bit in
 * a `FeatureSet`.
 *
 * `tools`: tools are offered · `parallelTools`: it says whether several are called at once · `images`, `documents`, `audio`, `video`: what is shown to the model ·
 * `structuredOutput`: an answer of a form · `schemas`: an answer that is held to a schema · `stream`: an answer in pieces · `prefill`: an answer that has begun and
 * is gone on with · `system`: a prompt of the system · `developerRole`: the role `developer` beside `system` · `reasoning`: thinking before the answer ·
 * `thinking.enabled`, `thinking.adaptive`: thinking within a budget, and as the model sees fit, on the Messages API · `imageOutput`, `audioOutput`: answers that are seen or heard ·
 * `imageAddresses`: images that stand elsewhere, by their address or by the name that a vendor gave them.
 */
export const features = [
  'tools',
  'parallelTools',
  'images',
  'documents',
  'audio',
  'video',
  'structuredOutput',
  'schemas',
  'stream',
  'prefill',
  'system',
  'developerRole',
  'reasoning',
  'thinking.enabled',
  'thinking.adaptive',
  'imageOutput',
  'audioOutput',
  'imageAddresses',
] as const;

export type Feature = (typeof features)[number];

/** Features as the bits of a number: what a request needs and what a target lacks are compared without a list. */
export type FeatureSet = number;

const bits: ReadonlyMap<string, FeatureSet> = new Map(features.map((feature, index) => [feature, 1 << index]));

const bitOf: Readonly<Record<Feature, FeatureSet>> = Object.fromEntries(bits) as Record<Feature, FeatureSet>;

/** The feature alone where it is needed, else none: to be joined with others by `|`. */
export const needed = (isNeeded: boolean, feature: Feature): FeatureSet => (isNeeded ? bitOf[feature] : 0);

/** The features among these names; others are passed over. */
export const featureSet = (names: Iterable<string>): FeatureSet => {
  let set = 0;
  for (const name of names) set |= bits.get(name) ?? 0;
  return set;
};

/** Whether a name is a feature's, and not a parameter's. */
export const isFeature = (name: string): name is Feature => bits.has(name);

export const hasFeature = (set: FeatureSet, feature: Feature): boolean => (set & bitOf[feature]) !== 0;

/** The names of a set, in the order of the list. */
export const featuresIn = (set: FeatureSet): readonly Feature[] =>
  features.filter((feature) => hasFeature(set, feature));
