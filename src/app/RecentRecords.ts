import type { FinalRecord, RequestRecord } from '../vocabulary/index.ts';

/** Requests that are kept to be asked about before the database has them. */
const requestsMax = 2_000;

/** A request as far as it is known. */
export interface KnownRequest {
  request: RequestRecord | null;
  readonly attempts: FinalRecord[];
}

/** The last requests in memory: what was just answered can be explained at once, whatever the database does. */
export class RecentRecords {
  readonly #byRequest = new Map<string, KnownRequest>();
  /** Their ids in the order in which they came, in a ring: finding the first key of a map that is always emptied at its front grows slow. */
  readonly #order: string[] = [];
  #next = 0;

  add(record: FinalRecord | RequestRecord): void {
    const known = this.#byRequest.get(record.requestId) ?? this.#begin(record.requestId);
    if (record.type === 'final') known.attempts.push(record);
    else known.request = record;
  }

  #begin(requestId: string): KnownRequest {
    const oldest = this.#order[this.#next];
    if (oldest !== undefined) this.#byRequest.delete(oldest);
    this.#order[this.#next] = requestId;
    this.#next = (this.#next + 1) % requestsMax;
    const known: KnownRequest = { request: null, attempts: [] };
    this.#byRequest.set(requestId, known);
    return known;
  }

  find(requestId: string): KnownRequest | null {
    return this.#byRequest.get(requestId) ?? null;
  }
}
