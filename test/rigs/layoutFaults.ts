import { isWithin, type Box, type DrawnNode } from './pageLayout.ts';

/** Pixels that a font may reach beyond its box, and rounding. */
const slack = 2;
/** Pixels that two texts must share to stand upon each other. */
const overlapMin = 3;

const marks = new Set(['rect', 'circle', 'polygon', 'polyline', 'path', 'ellipse']);

const widthOf = ({ left, right }: Box): number => right - left;
const heightOf = ({ top, bottom }: Box): number => bottom - top;

const isInside = (box: Box, outer: Box): boolean =>
  box.left >= outer.left - slack &&
  box.right <= outer.right + slack &&
  box.top >= outer.top - slack &&
  box.bottom <= outer.bottom + slack;

const ancestors = function* ({ parent }: DrawnNode): Generator<DrawnNode> {
  for (let at = parent; at !== null; at = at.parent) yield at;
};

/** Ancestors from which a node can be seen without scrolling: up to the first that scrolls. */
const unscrolled = function* (node: DrawnNode): Generator<DrawnNode> {
  for (const ancestor of ancestors(node)) {
    if (ancestor.overflow === 'scrolled') return;
    yield ancestor;
  }
};

const canBeScrolledTo = (node: DrawnNode): boolean =>
  [...ancestors(node)].some(({ overflow }) => overflow === 'scrolled');

/** Texts of drawings, and lines of HTML; what stands off the page at its left is there for readers that hear. */
const textsOf = (layout: readonly DrawnNode[]): readonly DrawnNode[] =>
  layout.filter(({ name, box }) => (name === '#text' || name === 'text') && box.right > 0);

const outOfPlace = (layout: readonly DrawnNode[], pageWidth: number): readonly string[] =>
  textsOf(layout).flatMap((node) => {
    const block = [...ancestors(node)].find(({ isInline, name }) => !isInline || name === 'svg');
    const cutting = [...unscrolled(node)].find(({ overflow, box }) => overflow === 'cut' && !isInside(node.box, box));
    const reasons = [
      node.box.right > pageWidth + slack && !canBeScrolledTo(node) ? 'is beyond the page' : null,
      node.name === '#text' && block !== undefined && !isInside(node.box, block.box)
        ? `is out of its ${block.name}`
        : null,
      node.breaksWord && !isWithin(node, 'code') ? 'is the end of a broken word' : null,
      cutting === undefined ? null : `is cut off by its ${cutting.name}`,
    ];
    return reasons.flatMap((reason) => (reason === null ? [] : `"${node.text}" ${reason}`));
  });

const overlaps = (one: Box, other: Box): boolean =>
  Math.min(one.right, other.right) - Math.max(one.left, other.left) > overlapMin &&
  Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > overlapMin;

const uponEachOther = (layout: readonly DrawnNode[]): readonly string[] => {
  const texts = textsOf(layout).toSorted((one, other) => one.box.top - other.box.top);
  return texts.flatMap((one, at) => {
    const faults: string[] = [];
    for (const other of texts.slice(at + 1)) {
      if (other.box.top > one.box.bottom) break;
      if (overlaps(one.box, other.box)) faults.push(`"${one.text}" stands upon "${other.text}"`);
    }
    return faults;
  });
};

/** A chart, and what is drawn in it. */
export interface DrawnChart {
  readonly marks: readonly DrawnNode[];
  readonly box: Box;
}

export const chartsOf = (layout: readonly DrawnNode[]): readonly DrawnChart[] =>
  layout
    .filter(({ name }) => name === 'svg')
    .map((chart) => ({
      box: chart.box,
      marks: layout.filter((node) => marks.has(node.name) && [...ancestors(node)].includes(chart)),
    }));

const emptyCharts = (layout: readonly DrawnNode[]): readonly string[] =>
  chartsOf(layout).flatMap(({ box, marks: drawn }, index) => {
    const name = `chart ${index + 1}`;
    const isFlat = ({ name: kind, box: mark }: DrawnNode): boolean =>
      kind === 'polyline' ? widthOf(mark) <= 0 && heightOf(mark) <= 0 : widthOf(mark) <= 0 || heightOf(mark) <= 0;
    return [
      ...(widthOf(box) > 0 && heightOf(box) > 0 ? [] : [`${name} has no size`]),
      ...(drawn.length > 0 ? [] : [`${name} is empty`]),
      ...(drawn.some(isFlat) ? [`${name} has marks without a size`] : []),
      ...(drawn.some((mark) => !isInside(mark.box, box)) ? [`${name} has marks out of it`] : []),
    ];
  });

/** Texts that cannot be read where they stand, and charts that show nothing. @param pageWidth Pixels. */
export const layoutFaults = (layout: readonly DrawnNode[], pageWidth: number): readonly string[] => [
  ...outOfPlace(layout, pageWidth),
  ...uponEachOther(layout),
  ...emptyCharts(layout),
  ...(textsOf(layout).length > 0 ? [] : ['the page is empty']),
];
