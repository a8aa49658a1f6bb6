import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { assert } from '../../kernel/index.ts';
import { sandboxError } from '../errors.ts';
import { isJsonObject } from '../json.ts';
import { billedBuckets } from '../sandboxCatalogue.ts';
import type { CatalogueModel } from '../sandboxCatalogue.ts';
import { addTokens, billTokens } from './billTokens.ts';
import type { TokenCount } from './billTokens.ts';

/** One billed request, as it stands in the file. */
export interface BillEntry {
  /** Unix milliseconds. */
  readonly atMs: number;
  readonly requestId: string;
  readonly model: string;
  readonly tokens: TokenCount;
  readonly nanoUsd: bigint;
  /** The same tokens without the contract's discount. */
  readonly listNanoUsd: bigint;
  /** `cut` when the client did not get the whole answer. */
  readonly outcome: 'complete' | 'cut';
}

export interface BillTotals {
  readonly complete: number;
  readonly cut: number;
  readonly tokens: TokenCount;
  readonly nanoUsd: bigint;
  readonly listNanoUsd: bigint;
}

const emptyTotals: BillTotals = { complete: 0, cut: 0, tokens: {}, nanoUsd: 0n, listNanoUsd: 0n };

const withEntry = (totals: BillTotals, entry: BillEntry): BillTotals => ({
  complete: totals.complete + (entry.outcome === 'complete' ? 1 : 0),
  cut: totals.cut + (entry.outcome === 'cut' ? 1 : 0),
  tokens: addTokens(totals.tokens, entry.tokens),
  nanoUsd: totals.nanoUsd + entry.nanoUsd,
  listNanoUsd: totals.listNanoUsd + entry.listNanoUsd,
});

const writeEntry = (entry: BillEntry): string =>
  `${JSON.stringify({
    at: new Date(entry.atMs).toISOString(),
    requestId: entry.requestId,
    model: entry.model,
    tokens: entry.tokens,
    nanoUsd: entry.nanoUsd.toString(),
    listNanoUsd: entry.listNanoUsd.toString(),
    outcome: entry.outcome,
  })}\n`;

const isAmount = (value: unknown): value is string => typeof value === 'string' && /^\d{1,38}$/.test(value);

const readTokens = (value: unknown): TokenCount | null => {
  if (!isJsonObject(value)) return null;
  let tokens: TokenCount = {};
  for (const [name, units] of Object.entries(value)) {
    const bucket = billedBuckets.find((known) => known === name);
    if (bucket === undefined || typeof units !== 'number' || !Number.isSafeInteger(units) || units < 0) return null;
    tokens = { ...tokens, [bucket]: units };
  }
  return tokens;
};

const readEntry = (line: string): BillEntry | null => {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!isJsonObject(value)) return null;
  const { at, requestId, model, nanoUsd, listNanoUsd, outcome } = value;
  const tokens = readTokens(value['tokens']);
  const atMs = typeof at === 'string' ? Date.parse(at) : Number.NaN;
  if (tokens === null || Number.isNaN(atMs) || typeof requestId !== 'string' || typeof model !== 'string') return null;
  if (!isAmount(nanoUsd) || !isAmount(listNanoUsd) || (outcome !== 'complete' && outcome !== 'cut')) return null;
  return { atMs, requestId, model, tokens, nanoUsd: BigInt(nanoUsd), listNanoUsd: BigInt(listNanoUsd), outcome };
};

/** What was read of a file: its totals, and how many of its bytes are whole lines. */
const readBill = (bytes: Buffer, path: string): { readonly totals: BillTotals; readonly wholeBytes: number } => {
  // Whatever follows the last newline was torn by a kill in the middle of a write: its answer never went out whole.
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  let totals = emptyTotals;
  let number = 0;
  for (const line of bytes.subarray(0, wholeBytes).toString('utf8').split('\n')) {
    number++;
    if (line === '') continue;
    const entry = readEntry(line);
    if (entry === null) throw sandboxError('sandbox_bill_corrupt', `${path}:${number}: not a line of a bill`);
    totals = withEntry(totals, entry);
  }
  return { totals, wholeBytes };
};

/**
 * A vendor's bill: one line per billed request, written before the answer's last byte, so that a killed process has
 * billed all it finished. Not synced: it outlives the process, not the machine.
 */
export class BillBook {
  readonly #file: number;
  readonly #discount: string;
  #totals: BillTotals;
  #open = true;

  /** @throws CodedError `sandbox_bill_corrupt` when a line other than a torn last one cannot be read. */
  constructor(path: string, discount: string) {
    const { totals, wholeBytes } = readBill(existsSync(path) ? readFileSync(path) : Buffer.alloc(0), path);
    this.#totals = totals;
    this.#discount = discount;
    this.#file = openSync(path, 'a', 0o600);
    ftruncateSync(this.#file, wholeBytes);
  }

  get totals(): BillTotals {
    return this.#totals;
  }

  /** Bills a request; returns only when the line is with the operating system. */
  add(request: {
    readonly atMs: number;
    readonly requestId: string;
    readonly model: CatalogueModel;
    readonly tokens: TokenCount;
    readonly outcome: 'complete' | 'cut';
  }): void {
    assert(this.#open, 'a closed bill takes no more lines');
    const entry: BillEntry = {
      ...request,
      model: request.model.name,
      tokens: addTokens(request.tokens, {}),
      nanoUsd: billTokens(request.model, request.tokens, this.#discount),
      listNanoUsd: billTokens(request.model, request.tokens, '0'),
    };
    const line = Buffer.from(writeEntry(entry));
    for (let written = 0; written < line.length;) written += writeSync(this.#file, line, written);
    this.#totals = withEntry(this.#totals, entry);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    closeSync(this.#file);
  }
}
