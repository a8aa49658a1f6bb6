/** What befalls a target, minute by minute. */
export interface Weather {
  /** 1 where it answers nobody. */
  readonly down: Uint8Array;
  /** Share of requests that it refuses for their rate. */
  readonly refusedShare: Float32Array;
}

/** One request of a month. */
export interface MonthRequest {
  atS: number;
  inputTokens: number;
  outputTokens: number;
  reusableTokens: number;
  conversation: number;
  /** 0: any target may serve it. 1: the first four may. */
  kind: number;
  /** Decides what happens by chance to it: 0 to below 1. */
  luck: number;
}

/** 30 days of requests, in the order of their times, column by column. */
export interface Month {
  readonly count: number;
  readonly conversations: number;
  readonly hasCaches: boolean;
  readonly atS: Float64Array;
  readonly inputTokens: Int32Array;
  readonly outputTokens: Int32Array;
  readonly reusableTokens: Int32Array;
  readonly conversation: Int32Array;
  readonly kind: Uint8Array;
  readonly luck: Float32Array;
  /** By target. */
  readonly weather: readonly Weather[];
}

export const emptyRequest = (): MonthRequest => ({
  atS: 0,
  inputTokens: 0,
  outputTokens: 0,
  reusableTokens: 0,
  conversation: 0,
  kind: 0,
  luck: 0,
});

/** Reads a request into an object that the caller uses again and again. */
export const readRequest = (month: Month, at: number, into: MonthRequest): void => {
  into.atS = month.atS[at] ?? 0;
  into.inputTokens = month.inputTokens[at] ?? 0;
  into.outputTokens = month.outputTokens[at] ?? 0;
  into.reusableTokens = month.reusableTokens[at] ?? 0;
  into.conversation = month.conversation[at] ?? 0;
  into.kind = month.kind[at] ?? 0;
  into.luck = month.luck[at] ?? 0;
};
