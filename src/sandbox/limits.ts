/** Everything the sandbox bounds, by name. */
export const sandboxLimits = {
  /** Bytes of one request's body; more is answered with 413. */
  bodyBytes: 36 * 1024 * 1024,
  /** Bytes of one request's header. */
  headerBytes: 64 * 1024,
  /** Milliseconds a client may take to send its whole request. */
  requestMs: 120_000,
  /** Milliseconds an unused connection is kept. */
  keepAliveMs: 60_000,
  /** Open connections of one vendor. */
  connections: 10_000,
  /** Requests kept for `received` when recording. */
  recordedRequests: 1000,
  /** Prefixes in one vendor's prompt cache. */
  cachedPrefixes: 10_000,
  /** Conversations that a vendor keeps for continuing. */
  threads: 1000,
  /** Milliseconds a kept conversation can be continued. */
  threadMs: 3_600_000,
  /** Texts in one request for embeddings. */
  embeddingInputs: 2048,
  /** Nesting of a JSON schema that generated values follow. */
  schemaDepth: 24,
  /** Milliseconds the worker may take to answer a call. */
  workerCallMs: 30_000,
} as const;
