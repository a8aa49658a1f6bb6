import type { Answer, Operator, SentOffers } from '../../http/index.ts';
import { failure, success, type Clock, type Log } from '../../kernel/index.ts';
import {
  emptyOfferBook,
  formatOfferListFinding,
  importedOffersAnswer,
  importOfferList,
  OfferBook,
  offersAnswer,
  type OfferList,
} from '../../placement/index.ts';
import { readOfferLists, saveOfferList, type Queries, type StoredOfferList } from '../../store/index.ts';
import { toJson } from '../toJson.ts';

/** The lists of offers that were imported, as the database keeps them and as decisions read them. */
export class OfferLists {
  readonly #database: Queries;
  readonly #clock: Clock;
  readonly #log: Log;
  #book: OfferBook = emptyOfferBook;
  #stored: readonly StoredOfferList[] = [];

  constructor(database: Queries, clock: Clock, log: Log) {
    this.#database = database;
    this.#clock = clock;
    this.#log = log;
  }

  get book(): OfferBook {
    return this.#book;
  }

  /** Reads them all. One that an older program took and this one does not is left out, and told. @throws CodedError `database_unavailable` */
  async load(): Promise<void> {
    this.restore(await readOfferLists(this.#database));
  }

  /** As they were when the database was last read. */
  get stored(): readonly StoredOfferList[] {
    return this.#stored;
  }

  /** Takes what an earlier process read: the database is away. */
  restore(all: readonly StoredOfferList[]): void {
    const lists: OfferList[] = [];
    for (const stored of all) {
      const read = importOfferList(stored, { importedAtMs: stored.importedAtMs, kept: [] });
      if (read.ok) lists.push(read.value.list);
      else this.#log.error('a list of offers can no longer be read; import it again', { name: stored.name });
    }
    this.#book = new OfferBook(lists);
    this.#stored = all;
  }

  /** Takes a list in place of the one of its name. @throws CodedError `database_unavailable` */
  async import(sent: SentOffers, by: Operator): Promise<Answer> {
    const importedAtMs = this.#clock.nowMs();
    const read = importOfferList(sent, { importedAtMs, kept: this.#book.lists });
    if (!read.ok)
      return failure({ code: 'offers_invalid', message: read.fault.map(formatOfferListFinding).join('\n') });
    const stored = { ...sent, importedAtMs, importedBy: by.name };
    await saveOfferList(this.#database, stored);
    this.#stored = [...this.#stored.filter(({ name }) => name !== stored.name), stored];
    const { list } = read.value;
    this.#book = new OfferBook([...this.#book.lists.filter(({ name }) => name !== list.name), list]);
    return success(toJson(importedOffersAnswer(read.value)));
  }

  shown(accelerator: string | null): Answer {
    return success(toJson(offersAnswer(this.#book, accelerator)));
  }
}
