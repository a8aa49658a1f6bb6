import type { Untranslatable } from '../../codec.ts';

/** What turned up while a request was written: the first thing that has no word here, and what was left out or brought closer. */
export class WritingNotes {
  readonly #dropped: Set<string>;
  #fault: Untranslatable | null = null;

  constructor(dropped: readonly string[]) {
    this.#dropped = new Set(dropped);
  }

  get fault(): Untranslatable | null {
    return this.#fault;
  }

  get dropped(): readonly string[] {
    return [...this.#dropped].toSorted();
  }

  drop(name: string): void {
    this.#dropped.add(name);
  }

  /** Keeps a fault unless there is one already, and gives `value`. */
  refuse<Value>(parameter: string, message: string, value: Value): Value {
    this.#fault ??= { code: 'unsupported_feature', message: `${message}.`, parameter };
    return value;
  }
}
