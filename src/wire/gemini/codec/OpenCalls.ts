import { callIdRule } from './callIdRule.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  /** The call came without an id, so its own was made here. */
  readonly isMade: boolean;
}

/**
 * Gives each call and its result one id as a conversation is read. Ids are optional on this wire: where they are missing, results go by the name of their
 * function, the first call that has none yet. Clients may also make an id of their own for a call that came without one, and write it with the result only:
 * such a result goes by the name too. A made id is of where the call stands, so it is the same each time the conversation is sent.
 */
export class OpenCalls {
  #open: OpenCall[] = [];

  /** A new answer begins: calls of earlier ones that nobody answered will have no result any more. */
  startAnswer(): void {
    this.#open = [];
  }

  /** @param place Where the call stands. */
  call(id: string | null, name: string, place: string): string {
    const isMade = id === null || id === '';
    const known = isMade ? callIdRule.make(place, name) : id;
    this.#open.push({ id: known, name, isMade });
    return known;
  }

  /** @param place Where the result stands. */
  result(id: string | null, name: string, place: string): string {
    const isNamed = id !== null && id !== '';
    const call = isNamed
      ? (this.#take((open) => open.id === id) ?? this.#take((open) => open.isMade && open.name === name))
      : this.#take((open) => open.name === name);
    return call?.id ?? (isNamed ? id : callIdRule.make(place, name));
  }

  /** The first open call that fits, which is open no longer. */
  #take(fits: (call: OpenCall) => boolean): OpenCall | undefined {
    const at = this.#open.findIndex(fits);
    return at === -1 ? undefined : this.#open.splice(at, 1)[0];
  }
}
