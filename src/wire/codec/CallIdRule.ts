import type { Seed } from './lettersOf.ts';

/** What a wire takes as the id of a call. */
export interface CallIdRule {
  fits(id: string): boolean;
  /** Makes an id that fits, always the same of the same seed. */
  make(...seed: Seed): string;
}
