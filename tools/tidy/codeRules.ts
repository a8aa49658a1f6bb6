import ts from 'typescript';
import { pureRooms } from '../layers/rooms.ts';
import { fileRule, type Rule } from './Rule.ts';
import { slowPattern } from './slowPattern.ts';
import type { Source } from './Source.ts';

type Judge = (node: ts.Node, source: Source) => string | null | undefined;

/** A rule about nodes of the syntax tree: `judge` says what is wrong with one, or nothing. */
const nodeRule = (name: string, cure: string, concerns: (source: Source) => boolean, judge: Judge): Rule =>
  fileRule(
    name,
    cure,
    (source) => source.isCode && concerns(source),
    function* (source) {
      for (const node of source.nodes()) {
        const what = judge(node, source);
        if (what) yield [source.lineOf(node), what];
      }
    },
  );

const everywhere = (): boolean => true;
const inProgram = (source: Source): boolean => source.path.startsWith('src/') && !source.isTest;

/** "Date.now" for a callee or a constructor, "" where it is something else. */
const dottedName = (node: ts.Expression): string => {
  if (ts.isIdentifier(node)) return node.text;
  if (!ts.isPropertyAccessExpression(node)) return '';
  const left = dottedName(node.expression);
  return left === '' ? '' : `${left}.${node.name.text}`.replace(/^globalThis\./, '');
};

const calledName = (node: ts.Node): string => (ts.isCallExpression(node) ? dottedName(node.expression) : '');
const madeName = (node: ts.Node): string => (ts.isNewExpression(node) ? dottedName(node.expression) : '');

/** The text of a module specifier where a node brings one in: import, export from, import(). */
const specifierOf = (node: ts.Node): string | null => {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    const specifier = node.moduleSpecifier;
    return specifier && ts.isStringLiteral(specifier) ? specifier.text : null;
  }
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument) && ts.isStringLiteral(node.argument.literal))
    return node.argument.literal.text;
  const [argument] =
    ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword ? node.arguments : [];
  return argument && ts.isStringLiteral(argument) ? argument.text : null;
};

/** Names taken out of a module by an import. Types are left out: they do nothing. */
const importedValues = (node: ts.Node, module: RegExp): string[] => {
  if (!ts.isImportDeclaration(node) || !module.test(specifierOf(node) ?? '')) return [];
  const clause = node.importClause;
  if (!clause || clause.phaseModifier === ts.SyntaxKind.TypeKeyword) return [];
  const bindings = clause.namedBindings;
  if (!bindings || !ts.isNamedImports(bindings)) return [];
  return bindings.elements
    .filter((element) => !element.isTypeOnly)
    .map((element) => (element.propertyName ?? element.name).text);
};

const castRule = nodeRule(
  'cast',
  'parse at the border and trust the type; where it cannot be said in types, allow it with the reason',
  everywhere,
  (node) => {
    if (!ts.isAsExpression(node) && !ts.isTypeAssertionExpression(node)) return null;
    if (node.type.kind === ts.SyntaxKind.AnyKeyword) return 'a cast to any switches the checker off';
    const inner = node.expression;
    const twice =
      (ts.isAsExpression(inner) || ts.isTypeAssertionExpression(inner)) && !ts.isConstTypeReference(node.type);
    return twice && inner.type.kind === ts.SyntaxKind.UnknownKeyword
      ? 'a cast through unknown claims what nobody checked'
      : null;
  },
);

const consoleRule = nodeRule(
  'console',
  "write to kernel's Log; only tools/ and src/cli/ speak to a terminal",
  (source) => !/^(tools|src\/cli)\//.test(source.path),
  (node) => (calledName(node).startsWith('console.') ? `${calledName(node)} writes past the log` : null),
);

const evaluated = new Set(['eval', 'Function', 'vm.runInThisContext', 'vm.runInNewContext', 'vm.compileFunction']);

const evaluationRule = nodeRule(
  'evaluation',
  'never run text as code in our process; a job or a tool has a process of its own',
  everywhere,
  (node) => {
    const name = calledName(node) || madeName(node);
    if (evaluated.has(name)) return `${name} runs text as code`;
    return /^(node:)?vm$/.test(specifierOf(node) ?? '') ? 'node:vm runs text as code' : null;
  },
);

const sqlStart =
  /^\s*(select\s[^]*\sfrom\s|insert\s+into\s|update\s+\S*\s*set\s|delete\s+from\s|create\s+(unique\s+)?(table|index|schema|role|database)\s|alter\s+(table|role|database)\s|drop\s+(table|index|schema|role|database)\s|truncate\s|with\s+\S+\s+as\s*\()/i;
const sqlInside =
  /\b(SELECT\s[^]*\bFROM|INSERT INTO|UPDATE\s[^]*\bSET|DELETE FROM|CREATE TABLE|ALTER TABLE|DROP TABLE)\b/;

const isSql = (text: string): boolean => sqlStart.test(text) || sqlInside.test(text);

const isSum = (node: ts.Node): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken;

/** What is added up, from left to right. */
const summands = (node: ts.Expression): ts.Expression[] =>
  isSum(node) ? [...summands(node.left), ...summands(node.right)] : [node];

/** Calls that make a text of others. */
const joining = new Set(['concat', 'join', 'replace', 'replaceAll', 'format']);

/** The text that such a call is made on, or null. */
const joinedText = (node: ts.Node): ts.Expression | null =>
  ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression) && joining.has(node.expression.name.text)
    ? node.expression.expression
    : null;

const sqlBuilt = (node: ts.Node): string | null => {
  if (ts.isTemplateExpression(node)) {
    const text = node.head.text + node.templateSpans.map((span) => `?${span.literal.text}`).join('');
    return isSql(text) ? 'SQL with a value spliced in' : null;
  }
  // Of a longer sum the whole is looked at, once.
  if (isSum(node) && !isSum(node.parent)) {
    const parts = summands(node);
    const text = parts.map((part) => (ts.isStringLiteralLike(part) ? part.text : '?')).join('');
    return isSql(text) && !parts.every(ts.isStringLiteralLike) ? 'SQL with a value added' : null;
  }
  const text = joinedText(node);
  return text !== null && ts.isStringLiteralLike(text) && isSql(text.text) ? 'SQL with a value put in' : null;
};

/** What a database is asked is said in one piece: what is put together there becomes SQL without looking like it. */
const queryBuilt = (node: ts.Node): string | null => {
  const asked = ts.isCallExpression(node) && calledTail(node) === 'query' ? node.arguments[0] : undefined;
  if (asked === undefined || sqlBuilt(asked) !== null) return null;
  const isBuilt =
    ts.isTemplateExpression(asked) ||
    joinedText(asked) !== null ||
    (isSum(asked) && !summands(asked).every(ts.isStringLiteralLike));
  return isBuilt ? 'a query that is put together where it is asked' : null;
};

/** "query" for a call of `this.#database.query(...)`, whatever stands before it. */
const calledTail = ({ expression }: ts.CallExpression): string =>
  ts.isPropertyAccessExpression(expression) ? expression.name.text : dottedName(expression);

const sqlRule = nodeRule(
  'spliced-sql',
  'send values as parameters ($1); for a name that cannot be one, take it from a fixed list and allow it with the reason',
  inProgram,
  (node) => sqlBuilt(node) ?? queryBuilt(node),
);

/** Pattern and flags of /.../flags. */
const literalParts = (text: string): [pattern: string, flags: string] => {
  const end = text.lastIndexOf('/');
  return [text.slice(1, end), text.slice(end + 1)];
};

const slowPatternRule = nodeRule(
  'slow-pattern',
  'let each turn begin or end with a character that is not in what it repeats, or bound the repetition',
  inProgram,
  (node) => {
    if (!ts.isRegularExpressionLiteral(node)) return null;
    const slow = slowPattern(...literalParts(node.text));
    return slow === null ? null : `${slow} repeats a repetition: a text may be cut in exponentially many ways`;
  },
);

const importEndingRule = nodeRule(
  'import-ending',
  'end the path with .ts (or .json): Node runs the sources as they are',
  everywhere,
  (node) => {
    const specifier = specifierOf(node);
    return specifier?.startsWith('.') && !/\.(ts|cts|mts|json)$/.test(specifier) ? `'${specifier}' has no .ts` : null;
  },
);

const waits = new Set([
  'setTimeout',
  'setInterval',
  'setTimeoutPromise',
  'Date.now',
  'performance.now',
  'process.hrtime',
  'process.hrtime.bigint',
]);

const testClockRule = nodeRule(
  'test-clock',
  'hand a clock in, or wait for the event itself; a guard that ends a hung test may stay, allowed with the reason',
  (source) => /^src\/.*\.test\.ts$/.test(source.path),
  (node) => {
    if (/^(node:)?timers\/promises$/.test(specifierOf(node) ?? ''))
      return 'timers/promises makes a test wait for a clock';
    const name = calledName(node);
    return waits.has(name) ? `${name} makes the result depend on a clock` : null;
  },
);

const ambient =
  /^(Date\.now|Date|performance\.now|Math\.random|setTimeout|setInterval|setImmediate|queueMicrotask|fetch|crypto\.(randomUUID|getRandomValues|randomBytes|randomInt)|process\..+)$/;
const randomImports = /^(random|getRandomValues|webcrypto|generateKey)/;

const pureRoomRule = nodeRule(
  'pure-room',
  'take a Clock, a RandomBytes or a port as an argument: a pure room gives the same answer to the same question',
  (source) => inProgram(source) && pureRooms.includes(source.room ?? ''),
  (node) => {
    const called = calledName(node);
    if (ambient.test(called)) return `${called} asks the machine`;
    if (ts.isNewExpression(node) && madeName(node) === 'Date' && !node.arguments?.length)
      return 'new Date() asks the machine';
    if (ts.isPropertyAccessExpression(node) && dottedName(node.expression) === 'process')
      return 'process is the machine';
    const random = importedValues(node, /^(node:)?crypto$/).find((name) => randomImports.test(name));
    return random ? `${random} asks the machine for chance` : null;
  },
);

const outgoing = /^(fetch|https?\.(request|get)|WebSocket|EventSource|XMLHttpRequest|navigator\.sendBeacon)$/;

const outgoingRule = nodeRule(
  'outgoing-call',
  'call through a Transport of egress, where addresses are checked and pinned',
  (source) => inProgram(source) && source.room !== 'egress',
  (node) => {
    const name = calledName(node) || madeName(node);
    if (outgoing.test(name)) return `${name} opens a socket outside egress`;
    const client = importedValues(node, /^(node:)?https?$/).find((value) =>
      /^(request|get|Agent|globalAgent)$/.test(value),
    );
    return client ? `${client} of node:http opens a socket outside egress` : null;
  },
);

const testCallees = /^(test|it|describe|suite)(\.|$)/;

const focusRule = nodeRule(
  'narrowed-test',
  'let every test run; a suite that needs a service asks for it by skipIf and says which',
  (source) => source.isTest && source.isCode,
  (node) => {
    const name = ts.isPropertyAccessExpression(node) ? dottedName(node) : '';
    return testCallees.test(name) && /\.(only|skip|todo|fails)$/.test(name) ? `${name} leaves tests out` : null;
  },
);

export const codeRules: readonly Rule[] = [
  castRule,
  consoleRule,
  evaluationRule,
  slowPatternRule,
  sqlRule,
  importEndingRule,
  testClockRule,
  pureRoomRule,
  outgoingRule,
  focusRule,
];
