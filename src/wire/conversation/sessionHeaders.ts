/** A header by which client programs say which of their conversations a request is of. */
export interface SessionHeader {
  /** In lower case. */
  readonly name: string;
  readonly clients: string;
  /** Year and month in which it was seen, or its page said so. */
  readonly asOf: string;
  /** A recording of `test/fixtures/clients`, or a page. */
  readonly source: string;
}

/** The first that a request has counts. */
export const sessionHeaders: readonly SessionHeader[] = [
  {
    name: 'x-claude-code-session-id',
    clients: 'Claude Code 2.1, Claude Agent SDK 0.3',
    asOf: '2026-11',
    source: 'claude-code.json',
  },
  // A session of Codex may have several threads, each with a conversation of its own.
  { name: 'thread-id', clients: 'Codex CLI 0.169', asOf: '2026-11', source: 'codex.json' },
  { name: 'session-id', clients: 'Codex CLI 0.169', asOf: '2026-11', source: 'codex.json' },
  { name: 'x-session-affinity', clients: 'OpenCode 1.18', asOf: '2026-11', source: 'opencode.json' },
  { name: 'x-session-id', clients: 'OpenCode 1.18', asOf: '2026-11', source: 'opencode.json' },
  {
    name: 'x-grok-conv-id',
    clients: 'clients of xAI',
    asOf: '2026-11',
    source: 'https://docs.x.ai/developers/advanced-api-usage/prompt-caching/best-practices',
  },
];
