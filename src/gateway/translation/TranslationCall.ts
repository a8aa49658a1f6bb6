// What the main thread and the one that translates say to each other.
import type { TranslationEnds, TranslationJobs, TranslationKind } from '../../wire/index.ts';

/** A piece of work; its body comes as memory of the receiver's own. */
export interface TranslationCall<Kind extends TranslationKind = TranslationKind> {
  readonly kind: Kind;
  readonly job: TranslationJobs[Kind];
}

export type TranslationReply =
  | { readonly kind: 'done'; readonly end: TranslationEnds[TranslationKind] }
  /** A defect of ours; the stack, for the log. */
  | { readonly kind: 'mistaken'; readonly message: string };
