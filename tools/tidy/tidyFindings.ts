import type { Finding } from '../Finding.ts';
import { codeRules } from './codeRules.ts';
import { dependencyRules } from './dependencyRules.ts';
import { errorRules } from './errorRules.ts';
import { nameRules } from './nameRules.ts';
import type { Rule } from './Rule.ts';
import type { Source } from './Source.ts';
import { isOurs, textRules } from './textRules.ts';

/** Everything that tidy holds, in the order in which it is explained. */
export const tidyRules: readonly Rule[] = [...nameRules, ...textRules, ...codeRules, ...errorRules, ...dependencyRules];

/** A written exception: `tidy-allow <rule>: <reason>` in a comment, for its own line and the one below. */
interface Allowance {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly reason: string;
}

/** The opening of the file's own comments is part of the form: prose about allowances, or an example of one, is none. */
const allowancePattern = (source: Source): RegExp => {
  const opening = source.isCode ? String.raw`\/[/*]` : source.path.endsWith('.md') ? '<!--' : '#';
  return new RegExp(String.raw`${opening} tidy-allow ([a-z-]+)(?::\s*(.*?))?\s*(?:\*\/|-->)?$`);
};
const reasonLengthMin = 12;

const allowancesOf = (source: Source): Allowance[] => {
  const pattern = allowancePattern(source);
  return source.lines.flatMap((text, index) => {
    const match = pattern.exec(text);
    return match ? [{ file: source.path, line: index + 1, rule: match[1] ?? '', reason: match[2] ?? '' }] : [];
  });
};

const allowanceFinding = (allowance: Allowance, what: string, cure: string): Finding => ({
  file: allowance.file,
  line: allowance.line,
  rule: 'allowance',
  what,
  cure,
});

/** What every rule finds in the sources, less what is allowed with a reason; unused and unreasoned allowances are found too. */
export const tidyFindings = (sources: readonly Source[], rules: readonly Rule[] = tidyRules): Finding[] => {
  const allowances = sources
    .filter((source) => isOurs(source) && !source.path.startsWith('tools/tidy/'))
    .flatMap(allowancesOf);
  const used = new Set<Allowance>();
  const findings: Finding[] = [];
  for (const rule of rules)
    for (const fault of rule.find(sources)) {
      const allowance = allowances.find(
        ({ file, line, rule: allowed }) =>
          allowed === rule.name && file === fault.file && (line === fault.line || line === fault.line - 1),
      );
      if (allowance) used.add(allowance);
      else findings.push({ ...fault, rule: rule.name, cure: rule.cure });
    }
  for (const allowance of allowances) {
    if (!used.has(allowance))
      findings.push(allowanceFinding(allowance, `allows ${allowance.rule} where nothing is found`, 'take it out'));
    else if (allowance.reason.length < reasonLengthMin)
      findings.push(allowanceFinding(allowance, 'gives no reason', 'write // tidy-allow rule: why it is right here'));
  }
  return findings;
};
