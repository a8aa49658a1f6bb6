import type { Source } from './Source.ts';

/** A place that breaks a rule. */
export interface Fault {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly what: string;
}

/** One thing that every file, or the whole, must obey. */
export interface Rule {
  /** Lower-case words with hyphens, as `tidy-allow` names it. */
  readonly name: string;
  /** What to do about a fault, in a sentence. */
  readonly cure: string;
  /** @param sources every text file of the repository. */
  find(sources: readonly Source[]): Iterable<Fault>;
}

/** A rule that looks at one file at a time, and at those only that `concerns` picks. */
export const fileRule = (
  name: string,
  cure: string,
  concerns: (source: Source) => boolean,
  find: (source: Source) => Iterable<readonly [line: number, what: string]>,
): Rule => ({
  name,
  cure,
  *find(sources) {
    for (const source of sources)
      if (concerns(source)) for (const [line, what] of find(source)) yield { file: source.path, line, what };
  },
});

/** A rule that looks for a pattern, line by line. `what` gets the matched text. */
export const lineRule = (
  name: string,
  cure: string,
  concerns: (source: Source) => boolean,
  pattern: RegExp,
  what: (matched: string) => string,
): Rule =>
  fileRule(name, cure, concerns, function* (source) {
    for (const [index, line] of source.lines.entries()) {
      const matched = pattern.exec(line);
      if (matched) yield [index + 1, what(matched[0])];
    }
  });
