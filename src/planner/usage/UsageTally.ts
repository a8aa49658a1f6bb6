import type { ConfigurationFault } from '../../config/index.ts';
import { usageLimits } from './limits.ts';
import type { LeftOut, UsageLine, UsageReading } from './UsageLine.ts';
import type { Pico } from './readDecimal.ts';

/** What became of a row. */
export type RowOutcome =
  | { readonly kind: 'lines'; readonly lines: readonly UsageLine[] }
  /** `name`: what a row with costs names as a line names its model; empty or absent where it names nothing. */
  | { readonly kind: 'leftOut'; readonly why: string; readonly cost: Pico; readonly name?: string }
  | { readonly kind: 'bad'; readonly fault: ConfigurationFault };

/** Counts rows by what became of them, so that none is lost. */
export class UsageTally {
  readonly #file: string;
  readonly #format: string;
  readonly #lines: UsageLine[] = [];
  readonly #leftOut = new Map<string, { rows: number; cost: Pico }>();
  readonly #faults: ConfigurationFault[] = [];
  #rows = 0;
  #badRows = 0;

  constructor(file: string, format: string) {
    this.#file = file;
    this.#format = format;
  }

  get rows(): number {
    return this.#rows;
  }

  take(outcome: RowOutcome): void {
    this.#rows += 1;
    switch (outcome.kind) {
      case 'lines':
        this.#lines.push(...outcome.lines);
        return;
      case 'leftOut': {
        const sum = this.#leftOut.get(outcome.why) ?? { rows: 0, cost: 0n };
        this.#leftOut.set(outcome.why, { rows: sum.rows + 1, cost: sum.cost + outcome.cost });
        return;
      }
      case 'bad':
        this.#badRows += 1;
        if (this.#faults.length < usageLimits.faultsTold) this.#faults.push(outcome.fault);
    }
  }

  reading(): UsageReading {
    return {
      file: this.#file,
      format: this.#format,
      lines: this.#lines,
      rows: this.#rows,
      leftOut: [...this.#leftOut].map(([why, { rows, cost }]): LeftOut => ({ why, rows, cost })),
      faults: this.#faults,
      badRows: this.#badRows,
    };
  }
}
