import type { ConfigurationFault } from '../../config/index.ts';
import type { Pico } from './readDecimal.ts';

/** What a line counts: million tokens in, out or either, hours of an accelerator, or nothing but its cost. */
export type Measure = 'input' | 'output' | 'tokens' | 'gpuHour' | 'money';

/** One line of usage, whatever the export was. */
export interface UsageLine {
  readonly vendor: string;
  /** Name of the class of work: the model, without the date of its version. */
  readonly class: string;
  /** Day of the calendar that it begins on. */
  readonly day: string;
  /** Last day that it tells of. */
  readonly lastDay: string;
  readonly measure: Measure;
  /** Million tokens, or hours; null where only the cost is told. */
  readonly quantity: Pico | null;
  /** What was paid; null where only the quantity is told. */
  readonly cost: Pico | null;
  /** What was billed for it, where an export tells that beside a cost that has prepaid fees spread over it. */
  readonly billed?: Pico;
  /** What it costs at list price; null where that is not told. */
  readonly listCost: Pico | null;
  /** Null where the export does not say. */
  readonly currency: string | null;
  /** Only of lines of our own ledger: the contract that they draw down, as the configuration names it; null for none, or where that was not asked. */
  readonly booked?: { readonly contract: string | null };
}

/** Rows that are no usage of a model, and why. */
export interface LeftOut {
  readonly why: string;
  readonly rows: number;
  readonly cost: Pico;
}

/** What one export holds. Every row is a line, left out for a reason, or bad. */
export interface UsageReading {
  readonly file: string;
  /** What it was taken for, in words. */
  readonly format: string;
  readonly lines: readonly UsageLine[];
  readonly rows: number;
  readonly leftOut: readonly LeftOut[];
  /** Rows that cannot be read, the first of them one by one. */
  readonly faults: readonly ConfigurationFault[];
  readonly badRows: number;
}
