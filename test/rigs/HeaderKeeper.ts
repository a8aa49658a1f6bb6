/** A `fetch` that keeps the headers of what it brought last, for clients whose own helpers hide them. */
export class HeaderKeeper {
  #last: Headers | null = null;

  readonly fetch: typeof globalThis.fetch = async (input, init) => {
    const got = await fetch(input, init);
    this.#last = got.headers;
    return got;
  };

  /** A header of the last answer; null where it had none of this name. */
  last(name: string): string | null {
    if (this.#last === null) throw new Error('nothing was fetched yet');
    return this.#last.get(name);
  }
}
