/** Bounds of a configuration file. Each is far above any honest file and below what hurts the process. */
export const configurationLimits = {
  /** Largest file, in bytes of UTF-8. */
  fileBytes: 10_000_000,
  /** Most words, marks and blanks that the file may fall into. */
  lexemes: 1_000_000,
  /** Deepest nesting of maps and lists. */
  depth: 32,
  /** Most lines that begin with `%` before the document. */
  directives: 10,
  /** Most aliases (`*name`). */
  aliases: 100,
  /** Most values after aliases are written out. */
  values: 500_000,
  /** Most faults that are told at once. */
  faults: 100,
  /** Largest secret, in characters. */
  secretCharacters: 16_384,
} as const;
