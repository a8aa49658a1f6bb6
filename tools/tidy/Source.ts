import ts from 'typescript';

/** One file of the repository as the rules read it. */
export class Source {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
  #tree: ts.SourceFile | undefined;

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    this.lines = text.split('\n');
  }

  get isCode(): boolean {
    return /\.[cm]?ts$/.test(this.path);
  }

  /** A test, or what tests lean on. */
  get isTest(): boolean {
    return /\.(test|fixture)\.ts$/.test(this.path) || this.path.startsWith('test/');
  }

  /** Recorded bytes of others: kept as they came. */
  get isFixture(): boolean {
    return this.path.startsWith('test/fixtures/');
  }

  /** The room a file of src/ stands in, or null. */
  get room(): string | null {
    return /^src\/([^/]+)\//.exec(this.path)?.[1] ?? null;
  }

  /** File name without folders and endings: "SseReader". */
  get stem(): string {
    return (this.path.split('/').at(-1) ?? '').replace(/\..*$/, '');
  }

  get tree(): ts.SourceFile {
    this.#tree ??= ts.createSourceFile(this.path, this.text, ts.ScriptTarget.Latest, true);
    return this.#tree;
  }

  /** Line of a node, from 1. */
  lineOf(node: ts.Node): number {
    return this.tree.getLineAndCharacterOfPosition(node.getStart(this.tree)).line + 1;
  }

  /** Every node of the tree, parents before children. */
  *nodes(): Generator<ts.Node> {
    const pending: ts.Node[] = [this.tree];
    for (let node = pending.pop(); node; node = pending.pop()) {
      yield node;
      const children: ts.Node[] = [];
      node.forEachChild((child) => void children.push(child));
      pending.push(...children.toReversed());
    }
  }
}
