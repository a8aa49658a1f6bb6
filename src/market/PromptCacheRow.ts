import type { CapabilityRow } from './CapabilityRow.ts';

/** How a vendor keeps prompts, so that a later request which begins alike is read for less. */
export interface PromptCache {
  /** Whether requests have to mark what is kept; otherwise all are. */
  readonly marked: boolean;
  /** How long a prompt is kept after it was last read, as far as its vendor says at least so long. Milliseconds. */
  readonly lifetimeMs: number;
  /** The same where a mark asks for an hour. */
  readonly hourMs: number;
  /** Shorter prompts are not kept. */
  readonly tokensMin: number;
}

/** The prompt cache of a family of models, and who says so. */
export interface PromptCacheRow
  extends Pick<CapabilityRow, 'wires' | 'vendors' | 'models' | 'asOf' | 'sources'>, PromptCache {}
