import type { ShareDimension } from './shareDimensions.ts';

/** What a call is expected to cost, and where. Hosts have shares of it, as in records; US dollars, Float64. */
export interface ExpectedSpend {
  readonly vendor: string;
  readonly hosts: Readonly<Record<string, number>>;
  readonly jurisdiction: string | null;
  readonly lab: string | null;
  readonly expectedUsd: number;
}

/** A call that is counted as under way. */
export interface SpendingCall {
  /** It is over, however it ended; once more changes nothing. */
  end(): void;
}

/** Whole nano-dollars in Float64, exact below nine million dollars: once all calls have ended nothing is left of them. */
const nanoOf = (usd: number): number => Math.round(usd * 1e9);

/** What the calls that are under way are expected to cost, by what a firm can depend on. For comparison with caps only. */
export class SpendUnderWay {
  #totalNano = 0;
  readonly #nano: Readonly<Record<ShareDimension, Map<string, number>>> = {
    vendor: new Map(),
    host: new Map(),
    jurisdiction: new Map(),
    lab: new Map(),
  };

  get totalUsd(): number {
    return this.#totalNano / 1e9;
  }

  usdOf(dimension: ShareDimension, name: string): number {
    return (this.#nano[dimension].get(name) ?? 0) / 1e9;
  }

  begin(call: ExpectedSpend): SpendingCall {
    this.#count(call, 1);
    let isOver = false;
    return {
      end: () => {
        if (!isOver) this.#count(call, -1);
        isOver = true;
      },
    };
  }

  #count({ vendor, hosts, jurisdiction, lab, expectedUsd }: ExpectedSpend, sign: 1 | -1): void {
    const nano = sign * nanoOf(expectedUsd);
    this.#totalNano += nano;
    this.#add('vendor', vendor, nano);
    if (jurisdiction !== null) this.#add('jurisdiction', jurisdiction, nano);
    if (lab !== null) this.#add('lab', lab, nano);
    for (const [host, share] of Object.entries(hosts)) this.#add('host', host, sign * nanoOf(expectedUsd * share));
  }

  #add(dimension: ShareDimension, name: string, nano: number): void {
    const sum = (this.#nano[dimension].get(name) ?? 0) + nano;
    if (sum === 0) this.#nano[dimension].delete(name);
    else this.#nano[dimension].set(name, sum);
  }
}
