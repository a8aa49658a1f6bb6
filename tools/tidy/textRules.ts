import { fileRule, lineRule, type Rule } from './Rule.ts';
import type { Source } from './Source.ts';

/** Texts that we write ourselves; recordings, generated and legal texts stay as they came. */
export const isOurs = (source: Source): boolean =>
  !source.isFixture && source.path !== 'package-lock.json' && source.path !== 'LICENSE';

/** Ours, but for the rules themselves and their planted faults, which must name what they forbid. */
const mayNotName = (source: Source): boolean => isOurs(source) && !source.path.startsWith('tools/tidy/');

const formRules: readonly Rule[] = [
  fileRule('final-newline', 'end the file with one newline', isOurs, function* (source) {
    if (source.text === '') return;
    if (!source.text.endsWith('\n')) yield [source.lines.length, 'the file does not end with a newline'];
    else if (source.text.endsWith('\n\n')) yield [source.lines.length - 1, 'the file ends with an empty line'];
  }),
  lineRule('trailing-space', 'take the space at the end of the line away', isOurs, /[ \t\r]+$/, (matched) =>
    matched.includes('\r') ? 'the line ends with a carriage return' : 'the line ends with white space',
  ),
  lineRule(
    'tab',
    'indent with two spaces (npm run format)',
    (source) => isOurs(source) && source.isCode,
    /\t/,
    () => 'a tab',
  ),
];

const wordRules: readonly Rule[] = [
  lineRule(
    'unfinished',
    'do it now, or say in the docs what is not there yet',
    mayNotName,
    /\b(TODO|FIXME|XXX)\b/,
    (matched) => `${matched} marks unfinished work`,
  ),
  lineRule(
    'workplace',
    'name paths from the root of the repository; what is needed stands in it',
    mayNotName,
    /(?<![\w.~-])\/work\/|\.\.\/shared\b/,
    (matched) => `${matched} exists on one machine only`,
  ),
];

/** Shapes of real credentials. They are looked for everywhere, fixtures included. */
const credentialShapes =
  /\b(?:sk-(?:ant-|proj-|or-)?(?=[\w-]*\d)[A-Za-z0-9_-]{20,}|AKIA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|gh[pousr]_[A-Za-z0-9]{36}|xox[abprs]-[A-Za-z0-9-]{10,})|-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/;

const longToken = /(?<![A-Za-z0-9+/=_-])[A-Za-z0-9+/]{40,}={0,2}(?![A-Za-z0-9+/=_-])/g;

/** Shannon entropy of a text, bits per character. */
const entropyBits = (text: string): number => {
  const counts = new Map<string, number>();
  for (const letter of text) counts.set(letter, (counts.get(letter) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / text.length) * Math.log2(count / text.length);
  return bits;
};

/** Random bytes in base64 mix cases and digits and repeat little; words, paths, hashes in hex and alphabets do not. */
const looksRandom = (token: string): boolean =>
  /[a-z]/.test(token) &&
  /[A-Z]/.test(token) &&
  /\d/.test(token) &&
  !/abcdef|ABCDEF|012345/.test(token) &&
  entropyBits(token) > 4.3;

const secretRules: readonly Rule[] = [
  lineRule(
    'credential',
    'revoke it, take it out of history, and read it from the environment; invent one that no vendor would issue for tests',
    (source) => !source.path.startsWith('tools/tidy/'),
    credentialShapes,
    (matched) => `${matched.slice(0, 8)}... has the shape of a real credential`,
  ),
  fileRule(
    'random-text',
    'if it is a secret, take it out; if it is public, allow it with the reason',
    mayNotName,
    function* (source) {
      for (const [index, line] of source.lines.entries())
        for (const [token] of line.matchAll(longToken))
          if (looksRandom(token))
            yield [index + 1, `${token.slice(0, 8)}... (${token.length} characters) looks like a key`];
    },
  ),
];

export const textRules: readonly Rule[] = [...formRules, ...wordRules, ...secretRules];
