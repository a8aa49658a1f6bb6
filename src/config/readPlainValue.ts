import { failure, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { PathFault } from './ConfigurationFault.ts';
import { explainIssues } from './explainIssues.ts';
import { readSource } from './readSource.ts';
import { plainValue } from './SourceDocument.ts';
import type { ConfigurationGrammar } from './readConfiguration.ts';

/** "accelerators.anyOf[0].kind": where a fault is, for who sent the value and has no file before them. */
const pathText = (path: PathFault['path']): string =>
  path.reduce<string>(
    (text, step) =>
      typeof step === 'number' ? `${text}[${step}]` : text === '' ? String(step) : `${text}.${String(step)}`,
    '',
  );

/** "ranks: expected a whole number from 1 to 1024; write it in plain digits". */
export const formatPathFault = ({ path, what, mend }: PathFault): string => {
  const where = pathText(path);
  return `${where === '' ? '' : `${where}: `}${what}; ${mend}`;
};

/**
 * Reads a value that came as JSON over the network by the same grammar as a file, with the same words for what is wrong, each fault with its
 * path in place of a line.
 */
export const readPlainValue = <Value>(
  value: unknown,
  { schema, check }: ConfigurationGrammar<Value>,
): Result<Value, readonly PathFault[]> => {
  // JSON is YAML: what explains a file explains it too.
  const source = readSource(JSON.stringify(value ?? null), () => 1);
  if (!source.ok) return failure(source.fault.map(({ what, mend }) => ({ path: [], what, mend })));
  const parsed = schema.safeParse(plainValue(source.value));
  if (!parsed.success) return failure(explainIssues({ schema, source: source.value }, parsed.error.issues));
  const { faults } = check(parsed.data);
  return faults.length > 0 ? failure(faults) : success(parsed.data);
};
