import type { CodecTarget, Untranslatable } from './Codec.ts';

/** What turned up while a request was written for a target: the first thing that has no word there, and what was left out or brought closer. */
export class WritingNotes {
  readonly target: CodecTarget;
  readonly #dropped: Set<string>;
  #fault: Untranslatable | null = null;
  #echoed: string | null = null;

  /** @param hints Members of the client's wire that only tune or label: none of them is written. */
  constructor(target: CodecTarget, hints: readonly string[]) {
    this.target = target;
    this.#dropped = new Set(hints);
  }

  get fault(): Untranslatable | null {
    return this.#fault;
  }

  get dropped(): readonly string[] {
    return [...this.#dropped].toSorted();
  }

  /** What of an answer that has begun the target says again; null where it says nothing again. */
  get echoed(): string | null {
    return this.#echoed;
  }

  /** Says that the target will say this again before it goes on. */
  echo(begun: string): void {
    this.#echoed = begun;
  }

  drop(name: string): void {
    this.#dropped.add(name);
  }

  /** Whether the target is known to refuse a parameter. */
  lacks(parameter: string): boolean {
    return this.target.unsupported.includes(parameter);
  }

  /** Whether the target is known to take something. */
  takes(name: string): boolean {
    return this.target.supported?.includes(name) === true;
  }

  /** Says that this target cannot be told something, unless another such thing was found before, and gives `value`. */
  refuse<Value>(parameter: string, message: string, value: Value): Value {
    return this.#keep({ code: 'unsupported_feature', message: `${message}.`, parameter }, value);
  }

  /** The same of what no target could be told: it is wrong in itself. */
  reject<Value>(parameter: string, message: string, value: Value): Value {
    return this.#keep({ code: 'bad_request', message: `${message}.`, parameter }, value);
  }

  #keep<Value>(fault: Untranslatable, value: Value): Value {
    this.#fault ??= fault;
    return value;
  }
}
