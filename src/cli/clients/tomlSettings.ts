import { UnreadableSettings, type Setting, type SettingPath, type SettingsFormat } from './SettingsFormat.ts';
import { textLines } from './textLines.ts';
import { tomlStatements, type TomlStatement } from './tomlStatements.ts';

type Statements = readonly TomlStatement[];

/** A basic string of TOML is one of JSON: the escapes that `JSON.stringify` writes are all known there. */
const written = (value: Setting | undefined): string => {
  if (typeof value === 'string' || typeof value === 'boolean' || typeof value === 'number')
    return JSON.stringify(value);
  throw new UnreadableSettings('only texts, numbers and switches are written there');
};

/** What is none of the values that are written here stands for itself, so that it is neither missing nor like one of them. */
const valueOf = (text: string): Setting => {
  const literal = /^'([^']*)'$/.exec(text)?.[1];
  if (literal !== undefined) return literal;
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'string' || typeof read === 'boolean' || typeof read === 'number') return read;
  } catch {
    // TOML has more kinds of values than JSON.
  }
  return { toml: text };
};

const begins = (name: SettingPath, outer: SettingPath): boolean => outer.every((one, index) => name[index] === one);

const isSame = (one: SettingPath, other: SettingPath): boolean => one.length === other.length && begins(one, other);

const isTableHead = ({ kind }: TomlStatement): boolean => kind === 'header' || kind === 'list';

/** A value at the top is a pair, anything deeper a table of its own. */
const isBeginOf = ({ kind, name }: TomlStatement, at: SettingPath): boolean =>
  kind === (at.length === 1 ? 'pair' : 'header') && isSame(name, at);

/** Whether a statement sets the same in another form, such that setting it once more would break the file. */
const isInTheWay = (statement: TomlStatement, at: SettingPath): boolean => {
  const { kind, name, table } = statement;
  if (kind === 'blank' || kind === 'comment' || isBeginOf(statement, at)) return false;
  if (kind === 'pair' && at.length > 1 && isSame(table, at)) return false;
  if (begins(name, at) || (kind !== 'header' && begins(at, name))) return true;
  // A dotted name makes tables on its way, which not every reader lets others add to.
  return kind === 'pair' && name.length > table.length + 1 && begins(at, name.slice(0, table.length + 1));
};

/** The statements from one to before another. */
interface Place {
  readonly from: number;
  readonly until: number;
}

/** Up to its last value: comments behind that may be about what follows. */
const tableEnd = (statements: Statements, from: number): number => {
  const length = statements.slice(from + 1).findIndex(isTableHead);
  const table = length < 0 ? statements.slice(from) : statements.slice(from, from + 1 + length);
  return (
    from +
    Math.max(
      table.findLastIndex(({ kind }) => kind === 'pair'),
      0,
    ) +
    1
  );
};

/** Null where it is not set. @throws UnreadableSettings */
const placeOf = (statements: Statements, at: SettingPath): Place | null => {
  const begin = statements.findIndex((one) => isBeginOf(one, at));
  const again = statements.findLastIndex((one) => isBeginOf(one, at));
  if (begin !== again || statements.some((one) => isInTheWay(one, at)))
    throw new UnreadableSettings(`${at.join('.')} is set in it twice, or in a form that cannot be changed here`);
  if (begin < 0) return null;
  return { from: begin, until: at.length === 1 ? begin + 1 : tableEnd(statements, begin) };
};

const rawOf = (statements: Statements): readonly string[] => statements.map(({ raw }) => raw);

/** Values at the top stand before the first table: behind it, they would be the table's. */
const topOf = (statements: Statements): Statements => {
  const end = statements.findIndex(isTableHead);
  return end < 0 ? statements : statements.slice(0, end);
};

const inserted = (statements: Statements, at: SettingPath, body: string, end: string): string => {
  const raw = rawOf(statements);
  if (raw.length === 0) return textLines.inserted(raw, 0, [body], end);
  if (at.length > 1) return textLines.inserted(raw, raw.length, ['', body], end);
  const last = topOf(statements).findLastIndex(({ kind }) => kind === 'pair');
  return last < 0 ? textLines.inserted(raw, 0, [body, ''], end) : textLines.inserted(raw, last + 1, [body], end);
};

/** With the blank line that came with it. */
const removed = (statements: Statements, at: SettingPath, { from, until }: Place): string => {
  const isBlank = (index: number): boolean => statements[index]?.kind === 'blank';
  const isAlone = at.length > 1 || topOf(statements).filter(({ kind }) => kind === 'pair').length === 1;
  if (at.length > 1 && isBlank(from - 1)) return textLines.removed(rawOf(statements), from - 1, until);
  const takesNext = from === 0 && isAlone && isBlank(until);
  return textLines.removed(rawOf(statements), from, takesNext ? until + 1 : until);
};

const put = (text: string, at: SettingPath, body: string | undefined): string => {
  const statements = tomlStatements(text);
  const place = placeOf(statements, at);
  if (place === null) return body === undefined ? text : inserted(statements, at, body, textLines.endIn(text));
  if (body === undefined) return removed(statements, at, place);
  return textLines.replaced(rawOf(statements), place.from, place.until, body);
};

const isTable = (value: Setting): value is Readonly<Record<string, Setting | undefined>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const linesFor = (at: SettingPath, value: Setting): readonly string[] => {
  if (at.length === 1) return [`${at.join('.')} = ${written(value)}`];
  if (!isTable(value)) throw new UnreadableSettings('a table is written whole');
  return [`[${at.join('.')}]`, ...Object.entries(value).map(([name, one]) => `${name} = ${written(one)}`)];
};

const placed = (text: string, at: SettingPath): Statements => {
  const statements = tomlStatements(text);
  const place = placeOf(statements, at);
  return place === null ? [] : statements.slice(place.from, place.until);
};

/** TOML, as far as settings need it: names at the top, and whole tables. What was taken are lines as they are written. */
export const tomlSettings: SettingsFormat = {
  read: (text, at) => {
    const found = placed(text, at);
    if (found.length === 0) return undefined;
    const pairs = found.filter(({ kind }) => kind === 'pair');
    if (at.length === 1) return valueOf(pairs[0]?.value ?? '');
    return Object.fromEntries(pairs.map(({ name, value }) => [name.slice(at.length).join('.'), valueOf(value)]));
  },
  write: (text, at, value) =>
    put(text, at, value === undefined ? undefined : linesFor(at, value).join(textLines.endIn(text))),
  take: (text, at) => {
    const found = placed(text, at);
    return found.length === 0 ? undefined : textLines.withoutEnd(rawOf(found).join(''));
  },
  put: (text, at, taken) => {
    if (taken !== undefined && typeof taken !== 'string')
      throw new UnreadableSettings(`what was kept of ${at.join('.')} is not what this program wrote`);
    return put(text, at, taken);
  },
  isBare: (text) => text.trim() === '',
};
