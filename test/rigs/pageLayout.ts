import { z } from 'zod';
import type { ChromiumPage } from './openChromium.ts';

/** Pixels from the upper left corner of the page. */
export interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** An element, or a line of text, that is drawn. */
export interface DrawnNode {
  /** Of an element, in small letters; "#text" for a line of text. */
  readonly name: string;
  /** What it says: the line, or all that stands in a text of a drawing. */
  readonly text: string;
  readonly box: Box;
  readonly isInline: boolean;
  /** Whether the line begins within a word. */
  readonly breaksWord: boolean;
  /** Whether what is too wide for it can be scrolled to, or is cut off. */
  readonly overflow: 'shown' | 'scrolled' | 'cut';
  /** The nearest drawn element around it; null for the outermost. */
  readonly parent: DrawnNode | null;
}

const list = z.array(z.number());
const lists = z.array(list);

/** What is read of a snapshot: texts are indices of `strings`. */
const snapshotSchema = z.object({
  strings: z.array(z.string()),
  documents: z
    .array(
      z.object({
        nodes: z.object({ parentIndex: list, nodeName: list, nodeType: list, nodeValue: list }),
        layout: z.object({ nodeIndex: list, styles: lists, bounds: lists, text: list }),
        textBoxes: z.object({ layoutIndex: list, bounds: lists, start: list, length: list }),
      }),
    )
    .min(1),
});

const styles = ['display', 'overflow-x', 'visibility'];
const textNode = 3;
const listPoint = '•';
const withinWord = /^\p{L}{2}$/u;

const boxOf = ([left = 0, top = 0, width = 0, height = 0]: readonly number[]): Box => ({
  left,
  top,
  right: left + width,
  bottom: top + height,
});

const overflows: Readonly<Record<string, DrawnNode['overflow']>> = {
  auto: 'scrolled',
  scroll: 'scrolled',
  hidden: 'cut',
  clip: 'cut',
};

/** All that a page draws, as it is shown now; HTML's lines of text one by one. */
export const pageLayout = async (page: ChromiumPage): Promise<readonly DrawnNode[]> => {
  const { strings, documents } = snapshotSchema.parse(await page.snapshot(styles));
  const [document] = documents;
  if (document === undefined) return [];
  const { nodes, layout, textBoxes } = document;
  const text = (index: number | undefined): string => strings[index ?? -1] ?? '';
  const drawn = new Map<number, DrawnNode>();
  /** The nearest element around a node that is drawn: elements come before what is in them. */
  const around = (node: number): DrawnNode | null => {
    for (let at = nodes.parentIndex[node] ?? -1; at >= 0; at = nodes.parentIndex[at] ?? -1) {
      const element = drawn.get(at);
      if (element) return element;
    }
    return null;
  };
  const textWithin = (element: number): string =>
    nodes.nodeType
      .flatMap((type, node) =>
        type === textNode && nodes.parentIndex[node] === element ? text(nodes.nodeValue[node]).trim() : [],
      )
      .join(' ');
  for (const [index, node] of layout.nodeIndex.entries()) {
    const [display, overflow, visibility] = (layout.styles[index] ?? []).map(text);
    if (nodes.nodeType[node] === textNode || visibility === 'hidden' || drawn.has(node)) continue;
    const name = text(nodes.nodeName[node]).toLowerCase();
    drawn.set(node, {
      name,
      text: name === 'text' ? textWithin(node) : '',
      box: boxOf(layout.bounds[index] ?? []),
      isInline: display === 'inline',
      breaksWord: false,
      overflow: overflows[overflow ?? ''] ?? 'shown',
      parent: around(node),
    });
  }
  const lines = textBoxes.layoutIndex.flatMap((index, at): readonly DrawnNode[] => {
    const parent = around(layout.nodeIndex[index] ?? -1);
    const box = boxOf(textBoxes.bounds[at] ?? []);
    const isEmpty = box.right - box.left <= 0 || box.bottom - box.top <= 0;
    if (parent === null || isEmpty || isWithin(parent, 'svg')) return [];
    const [start = 0, length = 0] = [textBoxes.start[at], textBoxes.length[at]];
    const whole = text(layout.text[index]);
    const line = whole.slice(start, start + length);
    const isNext = at > 0 && textBoxes.layoutIndex[at - 1] === index;
    const breaksWord = isNext && withinWord.test(whole.slice(start - 1, start + 1));
    // Points of lists stand beside them.
    if (line.trim() === listPoint) return [];
    return [{ name: '#text', text: line, box, isInline: true, breaksWord, overflow: 'shown', parent }];
  });
  return [...drawn.values(), ...lines];
};

/** Whether a node is one of a name, or within one. */
export const isWithin = (node: DrawnNode | null, name: string): boolean => {
  for (let at = node; at !== null; at = at.parent) if (at.name === name) return true;
  return false;
};
