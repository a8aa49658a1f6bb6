/** A path before a name: "models/large", "publishers/north/models/large". */
const path = /^.*\//;
/** Where a profile of inference runs: "eu.lab.large". */
const place = /^(?:global|[a-z]{2}|[a-z]{2}-gov|apac)\.(?=[a-z])/;
/** Whose model it is: "lab.large". */
const lab = /^[a-z][a-z0-9]*\.(?=[a-z])/;
/** The revision of an endpoint: "large-v1:0". */
const revision = /-v\d+:\d+$/;
/** The day of a snapshot, with its year or without: "large-2026-02-03", "large@20260203", "large-0203". */
const snapshot =
  /[-@ ](?:20\d{2}-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])|(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))(?![0-9])/g;
const alias = /[-@](?:latest|default)$/;

/** Words that bills write, or leave out, to tell what is counted and where. */
const meterWords = new Set(['text', 'standard', 'global', 'regional', 'context', 'completion']);

/**
 * Words and numbers of a name, whatever stands between them, words in whichever order: bills write "Large 4.5 Mini" and "Large4.5Mini" for "large-mini-4-5".
 * Numbers keep theirs: 5.3 is not 3.5.
 */
const wordsOf = (name: string): string => {
  const words = (name.match(/[a-z]+/g) ?? []).filter((word) => !meterWords.has(word));
  return [...words.toSorted(), ...(name.match(/\d+/g) ?? [])].join(' ');
};

/**
 * What a vendor's name of a model is compared by, the likeliest first: names of one model have one in common, whether they are those of an API, with the day
 * of a snapshot, a revision or a region, or those of a bill. Snapshots of one model are one. Empty where nothing is left of a name.
 */
export const modelKeys = (name: string): readonly string[] => {
  const bare = name
    .toLowerCase()
    .trim()
    .replace(path, '')
    .replace(place, '')
    .replace(revision, '')
    .replace(snapshot, '')
    .replace(alias, '');
  return [...new Set([wordsOf(bare.replace(lab, '')), wordsOf(bare)])].filter((key) => key !== '');
};
