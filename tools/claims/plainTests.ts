import ts from 'typescript';

interface Call {
  /** "test", "describe"; "" where a parametrised form is called. */
  readonly kind: string;
  readonly title: string;
  readonly body: ts.Node | undefined;
}

/** The function at the left of test(...), test.skipIf(...)(...); "" for test.each and test.for, which have no one name. */
const kindOf = (callee: ts.Expression): string => {
  if (ts.isIdentifier(callee)) return callee.text;
  if (ts.isPropertyAccessExpression(callee))
    return callee.name.text === 'each' || callee.name.text === 'for' ? '' : kindOf(callee.expression);
  return ts.isCallExpression(callee) ? kindOf(callee.expression) : '';
};

const callOf = (node: ts.Node): Call | null => {
  if (!ts.isCallExpression(node)) return null;
  const [title, ...others] = node.arguments;
  if (!title || !ts.isStringLiteralLike(title)) return null;
  const body = others.find((one) => ts.isArrowFunction(one) || ts.isFunctionExpression(one));
  return { kind: kindOf(node.expression), title: title.text, body };
};

/** Tests that a file holds under one written name each: the titles of their describe blocks, then their own. */
export const plainTests = (text: string): string[][] => {
  const found: string[][] = [];
  const visit = (node: ts.Node, titles: readonly string[]): void => {
    const call = callOf(node);
    if (call && (call.kind === 'test' || call.kind === 'it')) found.push([...titles, call.title]);
    else if (call?.body && (call.kind === 'describe' || call.kind === 'suite'))
      visit(call.body, [...titles, call.title]);
    else node.forEachChild((child) => visit(child, titles));
  };
  visit(ts.createSourceFile('tests.ts', text, ts.ScriptTarget.Latest, true), []);
  return found;
};
