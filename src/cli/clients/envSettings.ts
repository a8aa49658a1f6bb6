import { UnreadableSettings, type Setting, type SettingsFormat } from './SettingsFormat.ts';
import { textLines, type Lines } from './textLines.ts';

/** As the readers of such files take a line: `NAME=value`, `export NAME=value` or `NAME: value`. */
const lineOf = (name: string): RegExp => new RegExp(String.raw`^\s*(?:export\s+)?${name}(?:\s*=|:\s)\s*(.*)$`, 's');

const anyLine = lineOf(String.raw`[\w.-]+`);

/** A value in quotes, of whichever kind; a comment may follow. */
const inQuotes = /^(["'`])((?:\\\1|(?!\1).)*)\1/;

const linesOf = (text: string): Lines => {
  const lines = textLines.of(text);
  for (const line of lines) {
    const value = anyLine.exec(textLines.withoutEnd(line))?.[1] ?? '';
    if (/^["'`]/.test(value) && !inQuotes.test(value))
      throw new UnreadableSettings('it has texts of several lines, among which a setting could hide');
  }
  return lines;
};

const valueOf = (written: string): string => inQuotes.exec(written)?.[2] ?? written.replace(/#.*$/, '').trim();

/** Within single quotes nothing has a meaning but their end. */
const quoted = (name: string, value: Setting): string => {
  if (typeof value !== 'string' || /['\n\r]/.test(value))
    throw new UnreadableSettings(`${name} cannot be written there: its value cannot stand in quotes`);
  return /^[\w./:@%+,~-]*$/.test(value) ? value : `'${value}'`;
};

/** The last line with a name, which is the one that counts; -1 where there is none. */
const positionOf = (lines: Lines, name: string): number =>
  lines.findLastIndex((line) => lineOf(name).test(textLines.withoutEnd(line)));

const lineWith = (text: string, name: string): string | undefined => {
  const lines = linesOf(text);
  const found = lines[positionOf(lines, name)];
  return found === undefined ? undefined : textLines.withoutEnd(found);
};

const put = (text: string, name: string, line: string | undefined): string => {
  const lines = linesOf(text);
  const at = positionOf(lines, name);
  if (at < 0) return line === undefined ? text : textLines.inserted(lines, lines.length, [line], textLines.endIn(text));
  return line === undefined ? textLines.removed(lines, at, at + 1) : textLines.replaced(lines, at, at + 1, line);
};

/** `NAME=value` lines. What was taken is the line as it is written. */
export const envSettings: SettingsFormat = {
  read: (text, [name = '']) => {
    const line = lineWith(text, name);
    return line === undefined ? undefined : valueOf(lineOf(name).exec(line)?.[1] ?? '');
  },
  write: (text, [name = ''], value) =>
    put(text, name, value === undefined ? undefined : `${name}=${quoted(name, value)}`),
  take: (text, [name = '']) => lineWith(text, name),
  put: (text, [name = ''], taken) => {
    if (taken !== undefined && typeof taken !== 'string')
      throw new UnreadableSettings(`what was kept of ${name} is not what this program wrote`);
    return put(text, name, taken);
  },
  isBare: (text) => text.trim() === '',
};
