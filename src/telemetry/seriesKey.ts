import { assert, type MetricLabels } from '../kernel/index.ts';

/** Longest label value; they come from the configuration, where names are short. */
const labelLengthMax = 200;
const labelPattern = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
/** Labels that the exposition itself writes. */
const ownNames: ReadonlySet<string> = new Set(['le', '_overflow']);
const needsEscape = /[\\"\n]/;
/**
 * Labels as they stand between the braces, sorted by name: the identity of a series, `model="chat",provider="a"`. Equal labels have equal
 * keys in whatever order they were written.
 */
export const seriesKey = (labels: MetricLabels): string => {
  let key = '';
  let last = '';
  for (const name in labels) {
    if (name < last) return sortedKey(labels);
    key += `${key === '' ? '' : ','}${written(name, labels[name])}`;
    last = name;
  }
  return key;
};

const sortedKey = (labels: MetricLabels): string =>
  Object.keys(labels)
    .toSorted()
    .map((name) => written(name, labels[name]))
    .join(',');

const written = (name: string, value = ''): string => {
  assert(labelPattern.test(name) && !ownNames.has(name), `not a label name: ${JSON.stringify(name)}`);
  const short = (value.length > labelLengthMax ? value.slice(0, labelLengthMax) : value).toWellFormed();
  return `${name}="${needsEscape.test(short) ? escapeLabel(short) : short}"`;
};

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
