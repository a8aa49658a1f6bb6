// What the tests of this room lose parts of: three vendors on two hosts, as the sandbox has them.
import { declaredPrice } from '../market/index.ts';
import { noRates, rateScope } from '../vocabulary/index.ts';
import type { PastRequest } from './PastRequest.ts';
import type { Supply, SupplyTarget } from './Supply.ts';

const million = 1_000_000n;

/** Dollars a million tokens, in and out alike. */
export const targetOf = (provider: string, usdPerMTok: number, differs: Partial<SupplyTarget> = {}): SupplyTarget => {
  const perMillion = BigInt(Math.round(usdPerMTok * 1_000)) * million;
  const price = declaredPrice(
    { input: perMillion, output: perMillion },
    { vendor: provider, model: `${provider}-m`, source: 'file' },
  );
  return {
    target: { provider, model: 'm' },
    group: provider,
    credential: `${provider}/main`,
    quotaDomain: `${provider}/main/-/m`,
    vendor: provider,
    hosts: { north: 1 },
    dependsOn: [],
    jurisdiction: 'EU',
    lab: provider,
    lacks: 0,
    contextTokens: null,
    rates: null,
    serves: () => true,
    terms: () => ({ price, discount: '0', contract: null }),
    ...differs,
  };
};

export const withRpm = (provider: string, rpm: number): SupplyTarget['rates'] =>
  rateScope('provider', provider, { ...noRates, rpm });

export const supplyOf = (
  models: Readonly<Record<string, readonly SupplyTarget[]>>,
  differs: Partial<Supply> = {},
): Supply => ({
  models: new Map(Object.entries(models)),
  caps: { vendor: null, host: null, jurisdiction: null, lab: null },
  forecastUsd: 0,
  dropped: 0,
  burstCapacity: () => null,
  ...differs,
});

/** Noon of 15 November 2026, UTC. */
export const noonMs = Date.UTC(2026, 10, 15, 12);

export const requestOf = (differs: Partial<PastRequest> = {}): PastRequest => ({
  organisation: 'default',
  team: 'research',
  key: 'demo',
  model: 'chat',
  wire: 'openai-chat',
  operation: 'generate',
  startedAtMs: noonMs,
  needs: 0,
  refusedBy: [],
  target: 'a/m',
  usage: { input: 1_000, output: 1_000 },
  amountNanoUsd: 2_000_000n,
  firstContentMs: 100,
  durationMs: 400,
  ...differs,
});
