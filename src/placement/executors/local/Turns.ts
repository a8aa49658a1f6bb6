/** Lets one thing at a time happen under each name, in the order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();

  async take<Answer>(name: string, work: () => Promise<Answer>): Promise<Answer> {
    const before = this.#last.get(name) ?? Promise.resolve();
    const mine = before.then(work, work);
    this.#last.set(name, mine);
    try {
      return await mine;
    } finally {
      if (this.#last.get(name) === mine) this.#last.delete(name);
    }
  }
}
