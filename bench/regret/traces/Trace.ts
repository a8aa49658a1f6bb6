/** One request of a conversation as it was once made. */
export interface TraceRequest {
  /** Since the conversation's first request. */
  readonly sinceS: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Leading tokens that the conversation has sent before, within the life of a cache. */
  readonly reusableTokens: number;
}

/** A public trace of requests, cut into conversations in the order of their beginnings. */
export interface Trace {
  readonly name: string;
  /** Whether it tells what prompts have in common. */
  readonly hasCaches: boolean;
  readonly conversations: readonly (readonly TraceRequest[])[];
  /** Beginnings of conversations in each whole minute of the trace, over their mean. */
  readonly bursts: readonly number[];
}

export const traceNames = [
  'azure-llm-2023-code',
  'azure-llm-2023-conv',
  'mooncake-conversation',
  'mooncake-synthetic',
] as const;
