/** Something wrong in a configuration, where it stands, and how to mend it. Never carries a value of the file. */
export interface ConfigurationFault {
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  /** Counts from 1, in UTF-16 units. */
  readonly column: number;
  readonly what: string;
  readonly mend: string;
}

/** Where something stands in the tree: keys of maps and positions in lists. */
export type ConfigurationPath = readonly (string | number)[];

/** A fault that knows its place in the tree but not yet in the file. */
export interface PathFault {
  readonly path: ConfigurationPath;
  /** Points at the key rather than at its value. */
  readonly atKey?: boolean;
  readonly what: string;
  readonly mend: string;
}

/** `file:line:column: what, how to mend it`. */
export const formatFault = ({ file, line, column, what, mend }: ConfigurationFault): string =>
  `${file}:${line}:${column}: ${what}, ${mend}`;
