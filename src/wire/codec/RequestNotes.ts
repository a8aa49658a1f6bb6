import type { RequestFault } from '../wire.ts';

/** Most names kept of things that another wire lacks: they are told to people, and a body can hold any number of invented ones. */
const namesMax = 32;

/** How a wire's clients write the place of an entry of a list: "messages[2]", "messages.2". */
export type EntryPath = (list: string, index: number) => string;

/**
 * What turned up while a request was read: the first fault, and the names of members that other wires have no word for. Reading goes on with
 * a harmless value after a fault, so that one place looks at it once.
 */
export class RequestNotes {
  readonly entryPath: EntryPath;
  readonly #hints = new Set<string>();
  readonly #natives = new Set<string>();
  #fault: RequestFault | null = null;

  constructor(entryPath: EntryPath) {
    this.entryPath = entryPath;
  }

  get fault(): RequestFault | null {
    return this.#fault;
  }

  /** Members that only tune or label. */
  get hints(): readonly string[] {
    return [...this.#hints].toSorted();
  }

  /** Members that shape the answer. */
  get natives(): readonly string[] {
    return [...this.#natives].toSorted();
  }

  hint(name: string): void {
    if (this.#hints.size < namesMax) this.#hints.add(name);
  }

  native(name: string): void {
    if (this.#natives.size < namesMax) this.#natives.add(name);
  }

  /** Keeps a fault unless there is one already, and gives `value`. @param path As in "messages[2].role". */
  refuse<Value>(path: string, what: string, value: Value): Value {
    this.#fault ??= { code: 'bad_request', message: `\`${path}\` ${what}.`, parameter: path };
    return value;
  }
}
