import type { ConfigurationPath } from './ConfigurationFault.ts';

/** A value of the file with its place. `offset` counts UTF-16 units from the start of the text. */
export type SourceNode =
  | { readonly kind: 'scalar'; readonly offset: number; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly offset: number; readonly items: readonly SourceNode[] }
  | { readonly kind: 'map'; readonly offset: number; readonly entries: ReadonlyMap<string, SourceEntry> };

/** An entry of a map. */
export interface SourceEntry {
  readonly keyOffset: number;
  readonly node: SourceNode;
}

/** Line and column, both from 1. */
export interface SourcePosition {
  readonly line: number;
  readonly column: number;
}

/** Finds line and column of offsets in a text. */
export class LineIndex {
  readonly #starts: readonly number[];
  readonly #length: number;

  constructor(text: string) {
    const starts = [0];
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
    this.#starts = starts;
    this.#length = text.length;
  }

  positionOf(offset: number): SourcePosition {
    const at = Math.min(Math.max(0, offset), this.#length);
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((this.#starts[middle] ?? 0) <= at) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: at - (this.#starts[low] ?? 0) + 1 };
  }
}

/** What a node is called in a message. */
export const kindOf = (node: SourceNode): string => {
  if (node.kind !== 'scalar') return `a ${node.kind}`;
  if (node.value === null) return 'nothing';
  if (typeof node.value === 'boolean') return 'true or false';
  return typeof node.value === 'number' ? 'a number' : 'text';
};

/** A child by its key or position; undefined where there is none. */
const childOf = (node: SourceNode, step: string | number): SourceEntry | undefined => {
  if (node.kind === 'map') return node.entries.get(String(step));
  if (node.kind === 'list' && typeof step === 'number') {
    const item = node.items[step];
    return item === undefined ? undefined : { keyOffset: item.offset, node: item };
  }
  return undefined;
};

/** The node at a path, or undefined. */
export const nodeAt = (root: SourceNode, path: ConfigurationPath): SourceNode | undefined => {
  let node: SourceNode | undefined = root;
  for (const step of path) {
    node = node === undefined ? undefined : childOf(node, step)?.node;
  }
  return node;
};

/**
 * Where a path stands. A path that leads nowhere (a missing key) stands at the key of the deepest map that is there: its fault is that
 * something is not in it.
 */
export const offsetAt = (root: SourceNode, path: ConfigurationPath, atKey: boolean): number => {
  let node = root;
  let keyOffset = root.offset;
  for (const step of path) {
    const child = childOf(node, step);
    if (child === undefined) return keyOffset;
    node = child.node;
    keyOffset = child.keyOffset;
  }
  return atKey ? keyOffset : node.offset;
};

/** The bare values, as the schema reads them. The key "__proto__" never gets here. */
export const plainValue = (node: SourceNode): unknown => {
  if (node.kind === 'scalar') return node.value;
  if (node.kind === 'list') return node.items.map(plainValue);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plainValue(entry.node)]));
};
