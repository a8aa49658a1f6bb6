/** How often the keys of what runs are looked at: well within the two seconds in which the end of a key must be felt. */
const lookMs = 250;

/** What an operator asked, as long as it is not answered. */
export interface RunningQuestion {
  /** Whether its key still opens what it asked for. */
  isAllowed(): boolean;
  /** Ends it without an answer. */
  cut(): void;
}

/** Questions under way: one whose key has ended, or may no longer ask that, gets no answer. */
export class RunningQuestions {
  readonly #running = new Set<RunningQuestion>();
  #timer: NodeJS.Timeout | null = null;

  enter(question: RunningQuestion): void {
    this.#running.add(question);
    this.#timer ??= setInterval(() => this.look(), lookMs).unref();
  }

  leave(question: RunningQuestion): void {
    this.#running.delete(question);
  }

  look(): void {
    for (const question of this.#running) if (!question.isAllowed()) question.cut();
    if (this.#running.size > 0 || this.#timer === null) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }
}
