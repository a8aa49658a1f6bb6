import type { z } from 'zod';
import type { ConfigurationPath, PathFault } from './ConfigurationFault.ts';
import { mendByName } from './nearestName.ts';
import { knownKeysAt } from './schemasAt.ts';
import { kindOf, nodeAt } from './SourceDocument.ts';
import type { SourceNode } from './SourceDocument.ts';

type Issue = z.core.$ZodIssue;

/** What the words below need to know. */
interface Reading {
  readonly schema: z.core.$ZodType;
  readonly source: SourceNode;
}

const pathOf = (path: readonly PropertyKey[]): ConfigurationPath =>
  path.map((step) => (typeof step === 'number' ? step : String(step)));

/** A message of a field has two lines, what and how to mend; one of the library has none of ours. */
const ownWords = (message: string): readonly [what: string, mend: string] | null => {
  const [what = '', mend] = message.split('\n');
  return mend === undefined ? null : [what, mend];
};

const expectedWords: Readonly<Record<string, string>> = {
  object: 'a map',
  record: 'a map',
  array: 'a list',
  tuple: 'a list',
  string: 'text',
  int: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
};

const mapMend = 'write "key: value" pairs, or {} for none';
const listMend = 'write [a, b], or one "- item" a line';

const defaultWords = (issue: Issue): readonly [what: string, mend: string] => {
  if (issue.code !== 'invalid_type')
    return ['a value that does not fit', 'compare it with the reference of the configuration'];
  const expected = expectedWords[issue.expected] ?? issue.expected;
  if (expected === 'a map') return ['expected a map', mapMend];
  if (expected === 'a list') return ['expected a list', listMend];
  return [`expected ${expected}`, 'write it so'];
};

const explainUnknownKeys = (
  { schema, source }: Reading,
  path: ConfigurationPath,
  keys: readonly string[],
): readonly PathFault[] => {
  const known = knownKeysAt(schema, source, path);
  const otherwise = known.length === 0 ? 'leave it out' : `leave it out; known here: ${known.join(', ')}`;
  return keys.map((key) => ({
    path: [...path, key],
    atKey: true,
    what: 'unknown key',
    mend: mendByName(key, known, otherwise),
  }));
};

/** Whether a branch of a union fails already by the kind of the value: nobody meant that one. */
const failsByKind = (issues: readonly Issue[]): boolean =>
  issues.some(({ code, path }) => path.length === 0 && (code === 'invalid_type' || code === 'invalid_value'));

/** The issues of the branch that was probably meant, or null where none was. */
const meantBranch = (branches: readonly (readonly Issue[])[]): readonly Issue[] | null => {
  let meant: readonly Issue[] | null = null;
  for (const branch of branches) {
    if (failsByKind(branch)) continue;
    if (meant === null || branch.length < meant.length) meant = branch;
  }
  return meant;
};

const under = (path: readonly PropertyKey[], issue: Issue): Issue => ({ ...issue, path: [...path, ...issue.path] });

const missingFault = (path: ConfigurationPath, issue: Issue): PathFault => {
  const [, mend] = ownWords(issue.message) ?? defaultWords(issue);
  return { path, what: `"${String(path.at(-1))}" is missing`, mend: `add it: ${mend}` };
};

/** Choices that an issue names, for a suggestion. */
const choicesOf = (issue: Issue): readonly string[] => {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
    ? issue.options.map(String)
    : [];
};

/** Every branch met a key it does not know: that key is the mistake, and what the branches miss only follows from it. */
const unknownKeysAlone = (branches: readonly (readonly Issue[])[], meant: readonly Issue[]): readonly Issue[] => {
  const isUnknown = (issue: Issue): boolean => issue.code === 'unrecognized_keys' && issue.path.length === 0;
  return branches.every((branch) => failsByKind(branch) || branch.some(isUnknown)) ? meant.filter(isUnknown) : meant;
};

const explainValue = ({ source }: Reading, path: ConfigurationPath, issue: Issue): PathFault => {
  const node = nodeAt(source, path);
  const choices = choicesOf(issue);
  const [words, mend] = ownWords(issue.message) ?? defaultWords(issue);
  const what = issue.code === 'invalid_union' && choices.length > 0 ? `expected one of ${choices.join(', ')}` : words;
  const found = node !== undefined && issue.code === 'invalid_type' ? `, found ${kindOf(node)}` : '';
  const written = node?.kind === 'scalar' && typeof node.value === 'string' ? node.value : '';
  return { path, what: what + found, mend: mendByName(written, choices, mend) };
};

const explainIssue = (reading: Reading, issue: Issue): readonly PathFault[] => {
  const path = pathOf(issue.path);
  if (issue.code === 'unrecognized_keys') return explainUnknownKeys(reading, path, issue.keys);
  if (issue.code === 'invalid_key') {
    const [what, mend] = ownWords(issue.issues[0]?.message ?? '') ?? ['a key that does not fit', 'choose another name'];
    return [{ path, atKey: true, what, mend }];
  }
  if (nodeAt(reading.source, path) === undefined) return [missingFault(path, issue)];
  const branches = issue.code === 'invalid_union' ? issue.errors : [];
  const meant = meantBranch(branches);
  if (meant !== null) {
    const telling = unknownKeysAlone(branches, meant);
    return telling.flatMap((inner) => explainIssue(reading, under(issue.path, inner)));
  }
  return [explainValue(reading, path, issue)];
};

/** What the schema found, in words for the one who wrote the file. No value of the file is repeated. */
export const explainIssues = (reading: Reading, issues: readonly Issue[]): readonly PathFault[] =>
  issues.flatMap((issue) => explainIssue(reading, issue));
