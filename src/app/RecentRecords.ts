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

  add(record: FinalRecord | RequestRecord): void {
    const known = this.#byRequest.get(record.requestId) ?? { request: null, attempts: [] };
    if (record.type === 'final') known.attempts.push(record);
    else known.request = record;
    this.#byRequest.set(record.requestId, known);
    if (this.#byRequest.size <= requestsMax) return;
    const [oldest] = this.#byRequest.keys();
    if (oldest !== undefined) this.#byRequest.delete(oldest);
  }

  find(requestId: string): KnownRequest | null {
    return this.#byRequest.get(requestId) ?? null;
  }
}
