/** Largest numbers that a request may name: each is multiplied, priced and held, or laid out in memory, on the word of whoever sends it. */
export interface RequestCeilings {
  /** Answers to one request (`n`). */
  readonly choices: number;
  /** Output tokens that an answer is allowed. */
  readonly outputTokens: number;
  /** Tools that a request offers. */
  readonly tools: number;
}

/** OpenAI's own limit of `n`; far above every model's output; far more tools than a model can tell apart. */
export const requestCeilings: RequestCeilings = { choices: 128, outputTokens: 10_000_000, tools: 4_096 };

/** What an operator may raise them to: their products stay far below where sums lose exactness. */
export const requestCeilingsMax: RequestCeilings = { choices: 1_024, outputTokens: 10_000_000, tools: 100_000 };
