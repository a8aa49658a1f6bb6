import type { PriceBook } from './PriceBook.ts';
import type { PriceEntry } from './PriceEntry.ts';
import { refusedParametersOf } from './refusedParametersOf.ts';

/** What a model can do, as far as it is known before asking it. */
export interface Capabilities {
  /** Most tokens of input and output together; null where unknown. */
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** Whether it thinks before it answers (and so takes longer to the first byte). False where unknown. */
  readonly reasoning: boolean;
  /** Null where unknown: then it is tried. */
  readonly toolCall: boolean | null;
  /** What it is known to refuse: "tools", "images", "structuredOutput", "stream", or a parameter by its name on the lab's own wire. */
  readonly unsupported: readonly string[];
}

/** What the file says of a deployment. A value given replaces what the sheet says; what it says is unsupported is added. */
export interface CapabilityDeclaration {
  readonly contextTokens?: number | null;
  readonly maxOutputTokens?: number | null;
  readonly reasoning?: boolean;
  readonly toolCall?: boolean;
  readonly unsupported?: readonly string[];
}

/** Capabilities of a vendor's model at a date, from the sheet, corrected by the file. */
export const capabilitiesOf = (asked: {
  readonly book: PriceBook;
  readonly vendor: string;
  readonly model: string;
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly override?: CapabilityDeclaration | undefined;
}): Capabilities => {
  const { override } = asked;
  const listed = asked.book.find({ vendor: asked.vendor, model: asked.model, region: null, atMs: asked.atMs });
  const unsupported = new Set(override?.unsupported);
  const toolCall = override?.toolCall ?? listed?.toolCall ?? null;
  if (toolCall === false) unsupported.add('tools');
  for (const parameter of refusedParametersOf(labModel(listed) ?? asked.model)) unsupported.add(parameter);
  return {
    contextTokens: override?.contextTokens ?? listed?.contextTokens ?? null,
    maxOutputTokens: override?.maxOutputTokens ?? listed?.maxOutputTokens ?? null,
    reasoning: override?.reasoning ?? listed?.reasoning ?? false,
    toolCall,
    unsupported: [...unsupported],
  };
};

/** The lab's own name of a listed model, without the lab: "anthropic/claude-opus-4-7" is "claude-opus-4-7". */
const labModel = (listed: PriceEntry | null): string | undefined => listed?.baseModel?.split('/').at(-1);
