/** Lets so many acts run at once; others wait in the order of their coming. */
export class Turns {
  readonly #atOnce: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  async run<Value>(act: () => Promise<Value>): Promise<Value> {
    if (this.#running >= this.#atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await act();
    } finally {
      const next = this.#waiting.shift();
      // Whoever is next has the place at once: nobody who comes now is before.
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}
