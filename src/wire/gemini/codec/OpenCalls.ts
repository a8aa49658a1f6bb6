import { callIdRule } from './callIdRule.ts';

interface OpenCall {
  readonly id: string;
  readonly name: string;
  /** It has its result. */
  taken: boolean;
}

/** Open calls that are known by the same word, in the order of the conversation. Each is passed over once, however many there are. */
class Line {
  readonly #calls: OpenCall[] = [];
  #first = 0;

  add(call: OpenCall): void {
    this.#calls.push(call);
  }

  /** The first one that is open, which is open no longer. */
  take(): OpenCall | undefined {
    for (; this.#first < this.#calls.length; this.#first++) {
      const call = this.#calls[this.#first];
      if (call === undefined || call.taken) continue;
      call.taken = true;
      return call;
    }
    return undefined;
  }
}

/** Lines by the word by which their calls are known. */
class Lines {
  readonly #lines = new Map<string, Line>();

  add(word: string, call: OpenCall): void {
    const line = this.#lines.get(word) ?? new Line();
    this.#lines.set(word, line);
    line.add(call);
  }

  take(word: string): OpenCall | undefined {
    return this.#lines.get(word)?.take();
  }
}

/**
 * Gives each call and its result one id as a conversation is read. Ids are optional on this wire: where they are missing, results go by the name of their
 * function, the first call that has none yet. Clients may also make an id of their own for a call that came without one, and write it with the result only:
 * such a result goes by the name too. A made id is of where the call stands, so it is the same each time the conversation is sent.
 */
export class OpenCalls {
  #byId = new Lines();
  #byName = new Lines();
  /** Those that came without an id, so that their own was made here. */
  #madeByName = new Lines();

  /** A new answer begins: calls of earlier ones that nobody answered will have no result any more. */
  startAnswer(): void {
    this.#byId = new Lines();
    this.#byName = new Lines();
    this.#madeByName = new Lines();
  }

  /** @param place Where the call stands. */
  call(id: string | null, name: string, place: string): string {
    const isMade = id === null || id === '';
    const known = isMade ? callIdRule.make(place, name) : id;
    const call: OpenCall = { id: known, name, taken: false };
    this.#byId.add(known, call);
    this.#byName.add(name, call);
    if (isMade) this.#madeByName.add(name, call);
    return known;
  }

  /** @param place Where the result stands. */
  result(id: string | null, name: string, place: string): string {
    const isNamed = id !== null && id !== '';
    const call = isNamed ? (this.#byId.take(id) ?? this.#madeByName.take(name)) : this.#byName.take(name);
    return call?.id ?? (isNamed ? id : callIdRule.make(place, name));
  }
}
