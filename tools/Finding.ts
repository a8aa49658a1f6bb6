/** One broken rule, at its place, with what to do about it. */
export interface Finding {
  /** Path from the repository's root, with forward slashes. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: string;
  readonly what: string;
  readonly cure: string;
}

/** "file:line  rule: what. Cure: ..." as editors and people read it. */
export const formatFinding = (finding: Finding): string =>
  `${finding.file}:${finding.line}  ${finding.rule}: ${finding.what}\n    cure: ${finding.cure}`;

/** By file, then line, then rule, so that two runs read alike. */
export const sortFindings = (findings: readonly Finding[]): Finding[] =>
  findings.toSorted(
    (one, other) => one.file.localeCompare(other.file) || one.line - other.line || one.rule.localeCompare(other.rule),
  );

/** Prints findings to stderr and returns the exit code of a check: 1 where there is one. */
export const reportFindings = (check: string, findings: readonly Finding[], seen: string): number => {
  for (const finding of sortFindings(findings)) console.error(formatFinding(finding));
  if (findings.length === 0) console.log(`${check}: ${seen}, nothing found`);
  else console.error(`${check}: ${seen}, ${findings.length} found`);
  return findings.length === 0 ? 0 : 1;
};
