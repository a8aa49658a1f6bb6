import { Composer, Lexer, Parser, isAlias, isMap, isNode, isScalar, isSeq } from 'yaml';
import type { Alias, CST, Document, Node, Scalar, YAMLError, YAMLMap } from 'yaml';
import { failure, success } from '../kernel/index.ts';
import type { Result } from '../kernel/index.ts';
import { configurationLimits } from './limits.ts';
import type { SourceEntry, SourceNode } from './SourceDocument.ts';

/** A fault at an offset of the text. */
export interface SourceFault {
  readonly offset: number;
  readonly what: string;
  readonly mend: string;
}

/** Our words for what the YAML library finds; its own quote the text around, which may hold a secret. */
const wordsByCode: Readonly<Partial<Record<YAMLError['code'], readonly [what: string, mend: string]>>> = {
  BAD_ALIAS: ['an alias without its anchor, or a value that begins with "*"', 'write the value itself, in quotes'],
  BAD_DIRECTIVE: ['a line that begins with "%" and is no directive', 'put the value in quotes'],
  BAD_DQ_ESCAPE: ['an unknown escape inside double quotes', 'use single quotes, or double the backslash'],
  BAD_INDENT: [
    'an indentation that does not fit, or a bracket that is not closed',
    'close what is open, and indent with spaces so that what belongs together stands in one column',
  ],
  BAD_SCALAR_START: ['a value that begins with a reserved character', 'put it in quotes'],
  BLOCK_AS_IMPLICIT_KEY: [
    'a key inside another value',
    'begin a new line after the colon, or mend the indentation of the next one',
  ],
  BLOCK_IN_FLOW: ['an indented block inside brackets', 'close the bracket first'],
  MISSING_CHAR: ['a quote, bracket, colon or comma is missing', 'close what is open here'],
  MULTILINE_IMPLICIT_KEY: ['a key that goes over several lines', 'check that the line before is closed'],
  KEY_OVER_1024_CHARS: ['a key of more than 1024 characters', 'check for a missing line end'],
  TAB_AS_INDENT: ['a tab where spaces belong', 'indent with spaces'],
  TAG_RESOLVE_FAILED: ['a tag ("!") that is not used here', 'leave it out, or put the value in quotes'],
  UNEXPECTED_TOKEN: ['something that does not belong here', 'check quotes, brackets and indentation'],
  RESOURCE_EXHAUSTION: ['nested too deeply', `use at most ${configurationLimits.depth} levels`],
};

const otherWords: readonly [string, string] = ['not valid YAML', 'check quotes, brackets and indentation'];

const faultOfError = (error: YAMLError): SourceFault => {
  const [what, mend] = wordsByCode[error.code] ?? otherWords;
  return { offset: error.pos[0], what, mend };
};

/** Stops a reading at its first fault that makes the rest meaningless. */
class ReadingStopped extends Error {
  readonly fault: SourceFault;

  constructor(fault: SourceFault) {
    super(fault.what);
    this.fault = fault;
  }
}

const stop = (offset: number, what: string, mend: string): never => {
  throw new ReadingStopped({ offset, what, mend });
};

/** Each level of nesting takes at most this many places on the parser's stack (a collection, and a document around all). */
const stackPlacesMax = configurationLimits.depth + 2;

/** The parser's tokens, cut off before depth or number can hurt: composing them is recursive. */
function* tokensOf(text: string): Generator<CST.Token, void> {
  const parser = new Parser();
  let lexemes = 0;
  let directives = 0;
  for (const lexeme of new Lexer().lex(text)) {
    if (++lexemes > configurationLimits.lexemes) {
      stop(parser.offset, `more than ${configurationLimits.lexemes} words and marks`, 'write fewer entries');
    }
    for (const token of parser.next(lexeme)) {
      if (token.type === 'directive' && ++directives > configurationLimits.directives) {
        stop(token.offset, 'too many lines that begin with "%"', 'put such values in quotes');
      }
      yield token;
    }
    if (parser.stack.length > stackPlacesMax) {
      stop(parser.offset, 'nested too deeply', `use at most ${configurationLimits.depth} levels`);
    }
  }
  yield* parser.end();
}

/**
 * A number of the file. It becomes a JavaScript number only where that number's shortest decimal is exactly what was written; anything
 * else (more digits than a float holds, exponents, leading zeros, "0x10") stays its source text. So no digit is ever lost.
 */
export const numberOrText = (source: string): number | string => {
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(source)) return source;
  const shortest = source.includes('.') ? source.replace(/\.?0+$/, '') : source;
  const value = Number(source);
  return String(value) === shortest ? value : source;
};

const scalarValue = (scalar: Scalar): string | number | boolean | null => {
  const { value } = scalar;
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') return numberOrText(scalar.source ?? String(value));
  return stop(startOf(scalar), 'a value of an unknown kind', 'write text, a number, true or false');
};

const startOf = (node: Node): number => node.range?.[0] ?? 0;

/** Text of a key: what was written, also where it looks like a number. */
const keyText = (key: unknown, fallbackOffset: number): { readonly text: string; readonly offset: number } => {
  const offset = isNode(key) ? startOf(key) : fallbackOffset;
  const text = isScalar(key) && (typeof key.value === 'string' ? key.value : key.source);
  return typeof text === 'string' && text !== ''
    ? { text, offset }
    : stop(offset, 'a key that is not text', 'write a name before the colon');
};

/** Turns a composed document into our nodes; counts what aliases write out, and finds keys that are written twice. */
class SourceReader {
  readonly faults: SourceFault[] = [];
  readonly #document: Document.Parsed;
  readonly #lineOf: (offset: number) => number;
  #values = 0;
  #aliases = 0;

  constructor(document: Document.Parsed, lineOf: (offset: number) => number) {
    this.#document = document;
    this.#lineOf = lineOf;
  }

  read(node: unknown, depth: number, fallbackOffset: number): SourceNode {
    if (node === null || node === undefined) return { kind: 'scalar', offset: fallbackOffset, value: null };
    if (isAlias(node)) return this.read(this.#resolve(node), depth, startOf(node));
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) {
      return stop(fallbackOffset, 'a value of an unknown kind', 'write text, a number, a list or a map');
    }
    const offset = startOf(node);
    this.#count(node, depth, offset);
    if (isScalar(node)) return { kind: 'scalar', offset, value: scalarValue(node) };
    if (isMap(node)) return { kind: 'map', offset, entries: this.#entries(node, depth, offset) };
    return { kind: 'list', offset, items: node.items.map((item) => this.read(item, depth + 1, offset)) };
  }

  #count(node: Node, depth: number, offset: number): void {
    if (++this.#values > configurationLimits.values) {
      stop(offset, `more than ${configurationLimits.values} values`, 'write fewer entries');
    }
    if (depth > configurationLimits.depth) {
      stop(offset, 'nested too deeply', `use at most ${configurationLimits.depth} levels`);
    }
    if (node.tag !== undefined)
      stop(offset, 'a tag ("!") that is not used here', 'leave it out, or put the value in quotes');
  }

  #resolve(alias: Alias): Node {
    if (++this.#aliases > configurationLimits.aliases) {
      stop(startOf(alias), `more than ${configurationLimits.aliases} aliases`, 'write the values themselves');
    }
    return (
      alias.resolve(this.#document) ??
      stop(startOf(alias), 'an alias without its anchor', 'write the value itself, in quotes')
    );
  }

  #entries(map: YAMLMap, depth: number, mapOffset: number): ReadonlyMap<string, SourceEntry> {
    const entries = new Map<string, SourceEntry>();
    for (const pair of map.items) {
      const { text, offset } = keyText(pair.key, mapOffset);
      const first = entries.get(text);
      if (text === '__proto__') {
        this.faults.push({ offset, what: 'a name that is not allowed', mend: 'choose another name' });
      } else if (first !== undefined) {
        const what = `a key that is written twice (first in line ${this.#lineOf(first.keyOffset)})`;
        this.faults.push({ offset, what, mend: 'keep one of the two' });
      } else {
        entries.set(text, { keyOffset: offset, node: this.read(pair.value, depth + 1, offset) });
      }
    }
    return entries;
  }
}

const emptyFile: SourceFault = {
  offset: 0,
  what: 'the file says nothing',
  mend: 'begin with "version: 1", one key a line',
};

const composeOne = (text: string): Result<Document.Parsed, readonly SourceFault[]> => {
  // Keys are compared by our reader: the library's own search takes the square of their number.
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, prettyErrors: false });
  const [document, second] = composer.compose(tokensOf(text), true, text.length);
  if (document === undefined) return failure([emptyFile]);
  if (second !== undefined) {
    return failure([
      { offset: second.range[0], what: 'a second document', mend: 'keep one document, without "---" inside' },
    ]);
  }
  const problems = [...document.errors, ...document.warnings];
  if (problems.length > 0) return failure(problems.map(faultOfError));
  const { version } = document.directives.yaml;
  if (version !== '1.2') {
    return failure([
      { offset: 0, what: 'a file of an older YAML', mend: 'leave the %YAML directive out: YAML 1.2 is read' },
    ]);
  }
  return success(document);
};

/**
 * Reads YAML 1.2 (core schema) into nodes with places. Bounded in depth, aliases and number of values; duplicate keys, tags and further
 * documents are faults.
 */
export const readSource = (
  text: string,
  lineOf: (offset: number) => number,
): Result<SourceNode, readonly SourceFault[]> => {
  try {
    const composed = composeOne(text);
    if (!composed.ok) return composed;
    const reader = new SourceReader(composed.value, lineOf);
    const root = reader.read(composed.value.contents, 0, 0);
    if (reader.faults.length > 0) return failure(reader.faults);
    if (root.kind === 'map') return success(root);
    if (root.kind === 'scalar' && root.value === null) return failure([emptyFile]);
    return failure([{ offset: root.offset, what: 'the file is not a map', mend: emptyFile.mend }]);
  } catch (error) {
    if (error instanceof ReadingStopped) return failure([error.fault]);
    throw error;
  }
};
