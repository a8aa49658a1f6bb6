import { uuidV7TimeMs, type Clock } from '../../kernel/index.ts';
import { bytesOfAnswer, keyOfAnswer, ownerInKey, type AnswerKeeper, type KeptAnswer } from './AnswerKeeper.ts';
import { RecentEntries, type EntryBounds } from './RecentEntries.ts';

/** Answers in the memory of this process. */
export class AnswersInMemory implements AnswerKeeper {
  readonly #entries: RecentEntries<KeptAnswer>;
  readonly #isOpen: () => boolean;
  readonly #clock: Pick<Clock, 'nowMs'>;

  constructor(bounds: () => EntryBounds, isOpen: () => boolean, clock: Pick<Clock, 'nowMs'>) {
    this.#entries = new RecentEntries(bounds, ownerInKey);
    this.#isOpen = isOpen;
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#isOpen();
  }

  get bytes(): number {
    return this.#entries.bytes;
  }

  keep(answer: KeptAnswer): Promise<void> {
    const { owner, requestId } = answer;
    const entry = { bytes: bytesOfAnswer(answer), createdAtMs: uuidV7TimeMs(requestId), value: answer };
    this.#entries.put(keyOfAnswer(owner, requestId), entry, this.#clock.nowMs());
    return Promise.resolve();
  }

  find(owner: string, requestId: string): Promise<KeptAnswer | null> {
    return Promise.resolve(this.#entries.use(keyOfAnswer(owner, requestId), this.#clock.nowMs()));
  }

  remove(owner: string, requestId: string): Promise<boolean> {
    return Promise.resolve(this.#entries.remove(keyOfAnswer(owner, requestId)));
  }

  /** Lets go of what is too old, or has no room any more. */
  sweep(): void {
    this.#entries.sweep(this.#clock.nowMs());
  }
}
