import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { failure, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import type { ConfigurationFault, PathFault } from './ConfigurationFault.ts';
import { explainIssues } from './explainIssues.ts';
import { configurationLimits } from './limits.ts';
import { readSource } from './readSource.ts';
import type { SourceFault } from './readSource.ts';
import { LineIndex, offsetAt, plainValue } from './SourceDocument.ts';
import type { SourceNode } from './SourceDocument.ts';

/** What a check across sections found. Warnings do not keep a configuration from being used. */
export interface CheckFindings {
  readonly faults: readonly PathFault[];
  readonly warnings: readonly PathFault[];
}

/** A whole, valid configuration. */
export interface ConfigurationReading<Value> {
  readonly value: Value;
  /** SHA-256 of the file's bytes in hexadecimal: replicas compare it. */
  readonly hash: string;
  readonly warnings: readonly ConfigurationFault[];
}

/** How a text becomes a configuration. */
export interface ConfigurationGrammar<Value> {
  readonly schema: z.ZodType<Value>;
  /** Checks what the schema cannot see. Runs only on values that the schema took. */
  readonly check: (value: Value) => CheckFindings;
}

export interface ConfigurationSource<Value> extends ConfigurationGrammar<Value> {
  readonly text: string;
  /** Name of the file, for messages. */
  readonly file: string;
}

type Placed = Omit<ConfigurationFault, 'file'>;

/** Puts faults in the order of the file, names the file, drops doubles and cuts off what nobody reads. */
const ordered = (file: string, placed: readonly Placed[]): readonly ConfigurationFault[] => {
  const byText = new Map<string, ConfigurationFault>();
  for (const { line, column, what, mend } of placed) {
    byText.set(`${line}:${column}:${what}`, { file, line, column, what, mend });
  }
  return [...byText.values()]
    .toSorted((left, right) => left.line - right.line || left.column - right.column)
    .slice(0, configurationLimits.faults);
};

const place = (lines: LineIndex, { offset, what, mend }: SourceFault): Placed => ({
  ...lines.positionOf(offset),
  what,
  mend,
});

const placeInTree = (lines: LineIndex, root: SourceNode, { path, atKey, what, mend }: PathFault): Placed => ({
  ...lines.positionOf(offsetAt(root, path, atKey ?? false)),
  what,
  mend,
});

/** A fault about the file as a whole. */
export const wholeFileFault = (file: string, what: string, mend: string): ConfigurationFault => ({
  file,
  line: 1,
  column: 1,
  what,
  mend,
});

/** A file that is larger than any honest one. */
export const tooLargeFault = (file: string): ConfigurationFault =>
  wholeFileFault(file, `the file is larger than ${configurationLimits.fileBytes} bytes`, 'write fewer entries');

/**
 * Reads a configuration: the whole of it, or every fault with its line. Faults stop at the first of three stages that finds any
 * (YAML, schema, check), since what comes after would complain about their consequences.
 */
export const readConfiguration = <Value>(
  source: ConfigurationSource<Value>,
): Result<ConfigurationReading<Value>, readonly ConfigurationFault[]> => {
  const { file, schema } = source;
  if (Buffer.byteLength(source.text) > configurationLimits.fileBytes) return failure([tooLargeFault(file)]);
  const text = source.text.startsWith('\ufeff') ? source.text.slice(1) : source.text;
  const lines = new LineIndex(text);
  const read = readSource(text, (offset) => lines.positionOf(offset).line);
  if (!read.ok)
    return failure(
      ordered(
        file,
        read.fault.map((fault) => place(lines, fault)),
      ),
    );
  const root = read.value;
  const inTree = (faults: readonly PathFault[]): readonly ConfigurationFault[] =>
    ordered(
      file,
      faults.map((fault) => placeInTree(lines, root, fault)),
    );
  const parsed = schema.safeParse(plainValue(root));
  if (!parsed.success) return failure(inTree(explainIssues({ schema, source: root }, parsed.error.issues)));
  const { faults, warnings } = source.check(parsed.data);
  if (faults.length > 0) return failure(inTree(faults));
  const hash = createHash('sha256').update(source.text, 'utf8').digest('hex');
  return success({ value: parsed.data, hash, warnings: inTree(warnings) });
};
