const inspect = Symbol.for('nodejs.util.inspect.custom');

/** A value that must never be printed. Logs, JSON, string templates and inspectors show "[secret]". */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself; call it only where the bytes leave for the party that issued it. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return '[secret]';
  }

  toJSON(): string {
    return '[secret]';
  }

  [inspect](): string {
    return '[secret]';
  }
}
