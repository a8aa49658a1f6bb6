import type { RequestFault } from '../../wire.ts';

/**
 * What turned up while a request was read: the first fault, and the names of members that other wires have no word for. Reading goes on with
 * a harmless value after a fault, so that one place looks at it once.
 */
export class RequestNotes {
  readonly #hints = new Set<string>();
  readonly #natives = new Set<string>();
  #fault: RequestFault | null = null;

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
    this.#hints.add(name);
  }

  native(name: string): void {
    this.#natives.add(name);
  }

  /** Keeps a fault unless there is one already, and gives `value`. @param path As in "messages[2].role". */
  refuse<Value>(path: string, what: string, value: Value): Value {
    this.#fault ??= { code: 'bad_request', message: `\`${path}\` ${what}.`, parameter: path };
    return value;
  }
}
