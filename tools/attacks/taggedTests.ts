import ts from 'typescript';

/** A test whose title ends with ids of rows: "a header drip is cut at its clock [A8] [G15]". */
export interface TaggedTest {
  /** Path from the root. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** Title without its ids; what is computed stands as "...". */
  readonly title: string;
  readonly ids: readonly string[];
}

const ids = String.raw`\[[A-Z]\d+(?:, ?[A-Z]\d+)*\]`;
const tag = new RegExp(`(?:\\s*${ids})+$`);

const declaresTest = (name: string): boolean => name === 'test' || name === 'it';
const declaresGroup = (name: string): boolean => name === 'describe' || name === 'suite';

/** Forms under which a test never runs. */
const neverRuns: readonly string[] = ['skip', 'todo'];

/** "test" for test(...), test.each(...)(...), test.skipIf(...)(...); "never" for those that never run. */
const kindOf = (callee: ts.Expression): string => {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isPropertyAccessExpression(callee))
    return neverRuns.includes(callee.name.text) ? 'never' : kindOf(callee.expression);
  if (ts.isTaggedTemplateExpression(callee)) return kindOf(callee.tag);
  return ts.isCallExpression(callee) ? kindOf(callee.expression) : '';
};

const titleOf = (node: ts.Expression | undefined): string | null => {
  if (!node) return null;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return null;
  return node.head.text + node.templateSpans.map((span) => `...${span.literal.text}`).join('');
};

const split = (title: string): { title: string; ids: string[] } => {
  const matched = tag.exec(title)?.[0] ?? '';
  return { title: title.slice(0, title.length - matched.length).trim(), ids: matched.match(/[A-Z]\d+/g) ?? [] };
};

/** Tests of a file that name rows. Ids at the end of a describe's title hold for each test in it. */
export const taggedTests = (file: string, text: string): TaggedTest[] => {
  // Most files name no row, and parsing is what costs.
  if (!/\[[A-Z]\d/.test(text)) return [];
  const found: TaggedTest[] = [];
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const visit = (node: ts.Node, inherited: readonly string[]): void => {
    const kind = ts.isCallExpression(node) ? kindOf(node.expression) : null;
    const title = ts.isCallExpression(node) ? titleOf(node.arguments[0]) : null;
    if (kind === null || title === null) return node.forEachChild((child) => visit(child, inherited));
    const own = split(title);
    const all = [...new Set([...inherited, ...own.ids])];
    if (declaresTest(kind)) {
      const line = tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
      if (all.length > 0) found.push({ file, line, title: own.title, ids: all });
    } else if (kind !== 'never') node.forEachChild((child) => visit(child, declaresGroup(kind) ? all : inherited));
  };
  visit(tree, []);
  return found;
};
