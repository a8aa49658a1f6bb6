import type { Clock } from '../kernel/index.ts';
import { demandHeaders } from './demandsOf.ts';
import type { Exchange } from './Exchange.ts';
import { headerText } from './headerText.ts';

// Not by import: each export of it would be read.
const { hash } = process.getBuiltinModule('node:crypto');

/** How long a count is known; the same text has the same tokens for as long as the same model counts them. */
const keptMs = 600_000;
/** Counts that are known at once; beyond them the oldest is forgotten. */
const keptMax = 1_000;

/** A longer answer is passed on and not kept: a count is a number. */
const keptBytesMax = 4_096;

/** A vendor's count, in the client's wire. */
export interface KeptCount {
  readonly body: Uint8Array;
  /** "provider/model" that counted. */
  readonly target: string;
  /** Members of the request that were not counted. */
  readonly dropped: readonly string[];
}

/** What came of a question: a count; `left` where whoever asked went away; null where a vendor could not say. */
export type CountEnd = KeptCount | 'left' | null;

/** Whose turn it is: `ask` a vendor and tell what came of it, or `wait` for whoever asks already, or has asked. */
export type CountTurn =
  | { readonly kind: 'ask'; readonly settle: (end: CountEnd) => void }
  | { readonly kind: 'wait'; readonly end: Promise<CountEnd> };

/** What is asked, and by whom. */
type Question = Pick<Exchange, 'principal' | 'wire' | 'words' | 'query' | 'headers' | 'body'>;

interface Entry {
  readonly end: Promise<CountEnd>;
  readonly askedAtMs: number;
}

/** What makes a question the same: all of it that may reach a vendor or say which, and whose it is, so that nobody learns what others asked. */
const questionOf = ({ principal, wire, words, query, headers, body }: Question): string => {
  const told = [...wire.forwardedRequestHeaders, ...demandHeaders].map((name) => headerText(headers, name));
  const about = JSON.stringify([principal.organisation, wire.name, words, query, told]);
  return hash('sha256', Buffer.concat([Buffer.from(`${about}\n`), body]), 'hex');
};

/**
 * Counts of tokens, by what was asked. Clients that count the same at once, or again, ask a vendor once: its count is kept for a while, and no longer than
 * the configuration under which it was asked for. One that failed is not kept.
 */
export class TokenCounts {
  readonly #clock: Pick<Clock, 'monotonicMs'>;
  readonly #entries = new Map<string, Entry>();
  #snapshot: object | null = null;

  constructor(clock: Pick<Clock, 'monotonicMs'>) {
    this.#clock = clock;
  }

  /** @param snapshot The configuration that it is asked under; another object is another configuration. */
  turn(snapshot: object, asked: Question): CountTurn {
    if (snapshot !== this.#snapshot) this.#entries.clear();
    this.#snapshot = snapshot;
    const question = questionOf(asked);
    const nowMs = this.#clock.monotonicMs();
    const known = this.#entries.get(question);
    if (known !== undefined && nowMs - known.askedAtMs < keptMs) return { kind: 'wait', end: known.end };
    this.#makeRoom();
    const { promise, resolve } = Promise.withResolvers<CountEnd>();
    const entry = { end: promise, askedAtMs: nowMs };
    this.#entries.delete(question);
    this.#entries.set(question, entry);
    const settle = (end: CountEnd): void => {
      const isKept = typeof end === 'object' && end !== null && end.body.length <= keptBytesMax;
      if (!isKept && this.#entries.get(question) === entry) this.#entries.delete(question);
      resolve(end);
    };
    return { kind: 'ask', settle };
  }

  #makeRoom(): void {
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined && this.#entries.size >= keptMax) this.#entries.delete(oldest);
  }
}
