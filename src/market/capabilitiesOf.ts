import { featureSet, type FeatureSet } from '../vocabulary/index.ts';
import { capabilityTable } from './data/capabilityTable.ts';
import type { PriceBook } from './PriceBook.ts';
import type { PriceEntry } from './PriceEntry.ts';
import { rowsOf, type SoldModel } from './rowsOf.ts';

/** What a model can do, as far as it is known before asking it. */
export interface Capabilities {
  /** Most tokens of input and output together; null where unknown. */
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** Whether it thinks before it answers (and so takes longer to the first byte). False where unknown. */
  readonly reasoning: boolean;
  /** What it is known to lack: features by their names, and parameters by their names on the lab's own wire. */
  readonly unsupported: readonly string[];
  /** The features among them. */
  readonly lacks: FeatureSet;
  /** What it is known to have, by the table or by the file: features by their names, and members by which it is told of them on its wire. */
  readonly supported: readonly string[];
  /** The features among them. */
  readonly takes: FeatureSet;
}

/** What the file says of a deployment. A value given replaces what the sheet says; what it says is unsupported is added, what it says is supported taken away. */
export interface CapabilityDeclaration {
  readonly contextTokens?: number | null;
  readonly maxOutputTokens?: number | null;
  readonly reasoning?: boolean;
  readonly toolCall?: boolean;
  readonly unsupported?: readonly string[];
  readonly supported?: readonly string[];
}

/** Capabilities of a vendor's model at a date, from the sheet and the table, corrected by the file. */
export const capabilitiesOf = (
  asked: SoldModel & {
    readonly book: PriceBook;
    /** Unix milliseconds. */
    readonly atMs: number;
    readonly override?: CapabilityDeclaration | undefined;
  },
): Capabilities => {
  const { override } = asked;
  const listed = asked.book.find({ vendor: asked.vendor, model: asked.model, region: null, atMs: asked.atMs });
  const reasoning = override?.reasoning ?? listed?.reasoning ?? false;
  const known = rowsOf(capabilityTable, asked, labModel(listed)).filter(
    ({ unlessThinking }) => unlessThinking !== true || !reasoning,
  );
  const supported = new Set(override?.supported);
  // What is said of tools by the switch of its own is said last.
  const toolCall = override?.toolCall ?? listed?.toolCall ?? null;
  if (override?.toolCall === true) supported.add('tools');
  const unsupported = new Set([
    ...known
      .flatMap(({ lacks = [], parameters = [] }) => [...lacks, ...parameters])
      .filter((name) => !supported.has(name)),
    ...(toolCall === false && !supported.has('tools') ? ['tools'] : []),
    ...(override?.unsupported ?? []),
  ]);
  const lacks = featureSet(unsupported);
  const taken = [...known.flatMap(({ takes = [], members = [] }) => [...takes, ...members]), ...supported].filter(
    (name) => !unsupported.has(name),
  );
  return {
    contextTokens: override?.contextTokens ?? listed?.contextTokens ?? null,
    maxOutputTokens: override?.maxOutputTokens ?? listed?.maxOutputTokens ?? null,
    reasoning,
    unsupported: [...unsupported],
    lacks,
    supported: [...new Set(taken)],
    takes: featureSet(taken),
  };
};

/** The lab's own name of a listed model, without the lab: "anthropic/claude-opus-4-7" is "claude-opus-4-7". */
const labModel = (listed: PriceEntry | null): string | null => listed?.baseModel?.split('/').at(-1) ?? null;
