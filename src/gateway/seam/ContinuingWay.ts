import type { Continuing, TakenOver } from '../../wire/index.ts';

/** How an answer that broke off is put to targets. */
export interface ContinuingWay {
  readonly continuing: Continuing;
  readonly taken: Omit<TakenOver, 'to'>;
}
