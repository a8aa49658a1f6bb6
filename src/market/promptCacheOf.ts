import { promptCacheTable } from './data/promptCacheTable.ts';
import type { PriceEntry } from './PriceEntry.ts';
import type { PromptCache } from './PromptCacheRow.ts';
import { rowsOf, type SoldModel } from './rowsOf.ts';

/** How a vendor keeps the prompts of a model; null where nothing is known. */
export const promptCacheOf = (sold: SoldModel): PromptCache | null => rowsOf(promptCacheTable, sold)[0] ?? null;

/** Whether a prompt that was kept is read for less than one that was not. */
export const readsForLess = ({ perMillion: { cacheRead, input } }: PriceEntry): boolean =>
  cacheRead !== undefined && input !== undefined && cacheRead < input;
