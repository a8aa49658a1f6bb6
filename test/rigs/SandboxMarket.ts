import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { startSandbox, type RunningVendor, type Sandbox } from '../../src/sandbox/index.ts';
import { vendorKey } from './configurationOf.ts';
import { Market, type Seller } from './Market.ts';
import { removeFolder, temporaryFolder } from './startServer.ts';

/** Vendors of the sandbox, with the wire that each speaks. */
export const sandboxVendors = [
  { vendor: 'aurora', wire: 'openai' },
  { vendor: 'borealis', wire: 'anthropic' },
  { vendor: 'cascade', wire: 'bedrock' },
] as const;

export type SandboxVendor = (typeof sandboxVendors)[number]['vendor'];

/** Input, cached or not, and output, reasoning included. */
export interface Tokens {
  readonly input: number;
  readonly output: number;
}

const isOutput = (bucket: string): boolean => bucket === 'output' || bucket === 'reasoning';

const tokensOf = (buckets: Readonly<Record<string, number>>): Tokens => {
  const sum = (counts: boolean): number =>
    Object.entries(buckets)
      .filter(([bucket]) => bucket !== 'requests' && isOutput(bucket) === counts)
      .reduce((total, [, tokens]) => total + tokens, 0);
  return { input: sum(false), output: sum(true) };
};

/** A market in which each vendor of the sandbox alone sells the model `<vendor>-only`, and, as one that can think, `<vendor>-thinking`. */
export class SandboxMarket implements AsyncDisposable {
  readonly market: Market;
  readonly #sandbox: Sandbox;
  readonly #directory: string;

  private constructor(market: Market, sandbox: Sandbox, directory: string) {
    this.market = market;
    this.#sandbox = sandbox;
    this.#directory = directory;
  }

  /** @param besides Models that are sold besides, by vendors that answer as the test says, or by these of the sandbox. */
  static async open(
    besides: (vendors: readonly RunningVendor[]) => Readonly<Record<string, readonly Seller[]>> = () => ({}),
  ): Promise<SandboxMarket> {
    const directory = temporaryFolder();
    const clock = { nowMs: () => Date.now(), monotonicMs: () => performance.now() };
    const sandbox = await startSandbox({ directory, seed: 11, clock, latencyMs: 0, apiKey: vendorKey });
    const alone = sandbox.vendors.flatMap((vendor): [string, Seller[]][] => [
      [`${vendor.name}-only`, [{ vendor, model: 'chat-large' }]],
      [`${vendor.name}-thinking`, [{ vendor, model: 'chat-large', capabilities: { reasoning: true } }]],
    ]);
    const market = await Market.open({ models: { ...Object.fromEntries(alone), ...besides(sandbox.vendors) } });
    return new SandboxMarket(market, sandbox, directory);
  }

  /**
   * What the last request used, as the ledger booked it.
   * @throws Error unless it was one attempt, reported by the vendor, and its last bill has the same tokens for the same money
   */
  async booked(vendor: SandboxVendor): Promise<Tokens> {
    const [attempt, ...others] = await this.market.attempts();
    if (attempt?.provider !== vendor || attempt.basis !== 'reported' || others.length > 0) {
      throw new Error(`not one reported attempt at ${vendor}: ${JSON.stringify([attempt, ...others])}`);
    }
    const lines = readFileSync(join(this.#directory, `${vendor}.bill.jsonl`), 'utf8')
      .trim()
      .split('\n');
    const bill = JSON.parse(lines.at(-1)!);
    const booked = [tokensOf(attempt.usage), attempt.amountNanoUsd];
    const billed = [tokensOf(bill.tokens), bill.listNanoUsd];
    if (!isDeepStrictEqual(booked, billed)) {
      throw new Error(`booked ${JSON.stringify(booked)}, billed ${JSON.stringify(billed)}`);
    }
    return tokensOf(attempt.usage);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.market[Symbol.asyncDispose]();
    await this.#sandbox.close();
    removeFolder(this.#directory);
  }
}
