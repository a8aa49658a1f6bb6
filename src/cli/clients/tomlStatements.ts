import { UnreadableSettings } from './SettingsFormat.ts';
import { textLines, type Lines } from './textLines.ts';

/** One statement of a TOML file: a line, or several where an array goes over them. */
export interface TomlStatement {
  /** As it is written, with the end of its last line. */
  readonly raw: string;
  /** "list" is the header of a list's table: `[[a]]`. */
  readonly kind: 'blank' | 'comment' | 'header' | 'list' | 'pair';
  /** Full name of the table or value, from the outside in. */
  readonly name: readonly string[];
  /** Name of the table that it stands in. */
  readonly table: readonly string[];
  /** As it is written, without comments. */
  readonly value: string;
}

const part = String.raw`(?:[\w-]+|"(?:\\.|[^"\\])*"|'[^']*')`;
const dotted = String.raw`${part}(?:\s*\.\s*${part})*`;
const headerLine = new RegExp(String.raw`^\s*(\[\[?)\s*(${dotted})\s*(\]\]?)\s*(?:#.*)?$`);
const pairLine = new RegExp(String.raw`^\s*(${dotted})\s*=(.*)$`, 's');

const textOrComment = /("(?:\\.|[^"\\])*"|'[^']*')|#.*/g;

const plainName = (written: string): string => {
  if (written.startsWith("'")) return written.slice(1, -1);
  if (!written.startsWith('"')) return written;
  try {
    return String(JSON.parse(written));
  } catch {
    throw new UnreadableSettings(`the name ${written} in it cannot be read`);
  }
};

const namesOf = (written: string): readonly string[] =>
  Array.from(written.matchAll(new RegExp(part, 'g')), ([name]) => plainName(name));

/** How many brackets a line opens more than it closes. */
const openedBy = (line: string): number => {
  const bare = line.replaceAll(textOrComment, '');
  if (/["']/.test(bare)) throw new UnreadableSettings('it has a text without an end');
  return bare.replaceAll(/[^[{]/g, '').length - bare.replaceAll(/[^\]}]/g, '').length;
};

/** The first line behind the statement that begins at a line. */
const endOf = (lines: Lines, from: number): number => {
  let open = 0;
  for (let at = from; at < lines.length; at += 1) {
    open += openedBy(lines[at] ?? '');
    if (open < 0) break;
    if (open === 0) return at + 1;
  }
  throw new UnreadableSettings('its brackets do not match');
};

const pairOf = (raw: string, body: string, table: readonly string[]): TomlStatement => {
  const [, key = '', rest = ''] = pairLine.exec(body) ?? [];
  const value = rest.replaceAll(textOrComment, '$1').trim();
  // The line is not shown, since it may hold a secret.
  if (value === '') throw new UnreadableSettings('a line in it is no TOML that can be read');
  return { raw, kind: 'pair', name: [...table, ...namesOf(key)], table, value };
};

const statementOf = (raw: string, table: readonly string[]): TomlStatement => {
  const body = textLines.withoutEnd(raw);
  if (body.trim() === '') return { raw, kind: 'blank', name: [], table, value: '' };
  if (body.trimStart().startsWith('#')) return { raw, kind: 'comment', name: [], table, value: '' };
  const [, opens = '', written = '', closes = ''] = headerLine.exec(body) ?? [];
  if (opens === '' || opens.length !== closes.length) return pairOf(raw, body, table);
  const name = namesOf(written);
  return { raw, kind: opens === '[' ? 'header' : 'list', name, table: name, value: '' };
};

/** All of a TOML file; the `raw` of all together is the file. @throws UnreadableSettings */
export const tomlStatements = (text: string): readonly TomlStatement[] => {
  if (/"""|'''/.test(text))
    throw new UnreadableSettings('it has texts of several lines, among which a setting could hide');
  if (text.startsWith('\uFEFF')) throw new UnreadableSettings('it begins with a byte order mark');
  const lines = textLines.of(text);
  const statements: TomlStatement[] = [];
  for (let from = 0, until = 0; from < lines.length; from = until) {
    until = endOf(lines, from);
    statements.push(statementOf(lines.slice(from, until).join(''), statements.at(-1)?.table ?? []));
  }
  return statements;
};
