import type { FinalRecord, RequestRecord } from '../vocabulary/index.ts';

/** Records that are kept to be asked about before the database has them: those of 2,000 requests that were served at their first attempt. */
const recordsMax = 4_000;

/** A request as far as it is known. */
export interface KnownRequest {
  readonly request: RequestRecord | null;
  readonly attempts: readonly FinalRecord[];
}

/**
 * The last requests in memory: what was just answered can be explained at once, whatever the database does. Every request adds to them and few are
 * asked about, so they lie in a ring in the order in which they came, and whoever asks looks through it.
 */
export class RecentRecords {
  readonly #records: (FinalRecord | RequestRecord)[] = [];
  /** Where the next record goes: the place of the oldest once the ring is full. */
  #next = 0;

  add(record: FinalRecord | RequestRecord): void {
    this.#records[this.#next] = record;
    this.#next = (this.#next + 1) % recordsMax;
  }

  find(requestId: string): KnownRequest | null {
    let request: RequestRecord | null = null;
    const attempts: FinalRecord[] = [];
    const count = this.#records.length;
    const oldest = count < recordsMax ? 0 : this.#next;
    for (let index = 0; index < count; index++) {
      const record = this.#records[(oldest + index) % count];
      if (record?.requestId !== requestId) continue;
      if (record.type === 'final') attempts.push(record);
      else request = record;
    }
    return request === null && attempts.length === 0 ? null : { request, attempts };
  }
}
