import ts from 'typescript';
import { fileRule, lineRule, type Rule } from './Rule.ts';
import type { Source } from './Source.ts';

/** Names that say where a thing was left over, not what it is. */
const emptyNames = new Set([
  'util',
  'utils',
  'common',
  'helper',
  'helpers',
  'shared',
  'core',
  'service',
  'services',
  'misc',
]);

/** Files whose name is a place that every room may have. */
const placeNames = new Set(['index', 'errors', 'schema', 'main', 'limits', 'ports', 'worker']);

/** Rooms of words: their files are families of small types (money, ids, records) and are called after the family. */
const wordRooms = new Set(['kernel', 'vocabulary']);

/** Rooms that know vendors: formats, profiles, prices, and the invented vendors. */
const vendorRooms = new Set(['wire', 'providers', 'market', 'sandbox']);

/** Beside those rooms: what is written for the invented vendors, and the settings of client programs, which call wires by their vendors. */
const namesOfOthers = /^src\/(?:app\/(?:.*\/)?sandbox|cli\/clients\/)/i;

const vendorNames =
  /openai|anthropic|bedrock|azure|gemini|mistral|claude|deepseek|chatgpt|vertexai|\b(?:gpt|aws|amazon|google|vertex|cohere|groq|grok|perplexity)\b/i;

const isProgram = (source: Source): boolean => source.path.startsWith('src/') && !source.isTest;

const exportedBindings = (statement: ts.Statement): string[] => {
  if (ts.isExportDeclaration(statement)) {
    const clause = statement.exportClause;
    return clause && ts.isNamedExports(clause) ? clause.elements.map((element) => element.name.text) : [];
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : [];
  if (!modifiers.some((modifier) => modifier.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({ name }) => (ts.isIdentifier(name) ? [name.text] : []));
  const named =
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement);
  return named && statement.name ? [statement.name.text] : [];
};

/** Shorter words (of, at, to) are shared by chance. */
const familyWordLengthMin = 3;

const sameWord = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();

/**
 * A file is called after its main export; the first letter alone may differ (clock.ts holds Clock).
 * A family of small exports may be called by what they have in common: the whole name within one of them (key.ts holds makeKey),
 * or one of its words in two of them (exampleRecords.ts holds exampleIntent and exampleFinal).
 */
const isCalledAfter = (stem: string, exported: readonly string[]): boolean => {
  if (exported.some((name) => name.slice(1) === stem.slice(1) && sameWord(name.slice(0, 1), stem.slice(0, 1))))
    return true;
  const holders = (word: string): number =>
    exported.filter((name) => name.toLowerCase().includes(word.toLowerCase().replace(/s$/, ''))).length;
  if (exported.length > 1 && holders(stem) > 0) return true;
  const words = stem.split(/(?=[A-Z])/).filter((word) => word.length >= familyWordLengthMin);
  return words.some((word) => holders(word) > 1);
};

/** Line 1, or 2 under a "#!". */
const openingLine = (source: Source): number => (source.lines[0]?.startsWith('#!') ? 1 : 0);

/** The file that opens a room: index.ts, and main.ts of cli, which nobody imports. */
const doorOf = (room: string): string => `src/${room}/${room === 'cli' ? 'main' : 'index'}.ts`;

export const nameRules: readonly Rule[] = [
  {
    name: 'room-purpose',
    cure: 'open the file with one line: // What the room is for.',
    *find(sources) {
      const rooms = new Set(sources.flatMap((source) => (source.isCode && source.room ? [source.room] : [])));
      for (const room of rooms) {
        const door = sources.find((source) => source.path === doorOf(room));
        const opening = door?.lines[openingLine(door)] ?? '';
        if (!door) yield { file: doorOf(room), line: 1, what: `the room ${room} has no ${doorOf(room)}` };
        else if (!/^(\/\/|\/\*\*) ?\S.{18,}/.test(opening))
          yield {
            file: door.path,
            line: openingLine(door) + 1,
            what: `the first line does not say what ${room} is for`,
          };
      }
    },
  },
  fileRule(
    'empty-name',
    'name it after the thing of the domain that it holds',
    (source) => /^(src|tools|test|console|sim|bench)\//.test(source.path) && !source.isFixture,
    function* (source) {
      const parts = source.path.split('/').map((part) => part.replace(/\..*$/, '').toLowerCase());
      const empty = parts.find((part) => emptyNames.has(part));
      if (empty) yield [1, `"${empty}" says nothing about what is inside`];
    },
  ),
  fileRule(
    'file-name',
    'call the file after its main export, letter by letter, or after the word that its exports share',
    (source) => isProgram(source) && source.isCode && !placeNames.has(source.stem) && !wordRooms.has(source.room ?? ''),
    function* (source) {
      const exported = source.tree.statements.flatMap(exportedBindings);
      if (exported.length > 0 && !isCalledAfter(source.stem, exported))
        yield [1, `${source.stem} is none of its exports (${exported.slice(0, 4).join(', ')})`];
    },
  ),
  lineRule(
    'vendor-name',
    'let data of wire, providers or market carry the name; elsewhere speak of vendors, wires and targets',
    (source) => isProgram(source) && !vendorRooms.has(source.room ?? '') && !namesOfOthers.test(source.path),
    vendorNames,
    (matched) => `names the vendor "${matched}"`,
  ),
];
