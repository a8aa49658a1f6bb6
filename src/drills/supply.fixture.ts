// What the tests of this room lose parts of: three vendors on two hosts, as the sandbox has them.
import { declaredPrice } from '../market/index.ts';
import { Policies } from '../router/index.ts';
import { noRates, rateScope, routePolicySchema } from '../vocabulary/index.ts';
import type { PastRequest } from './PastRequest.ts';
import type { Supply, SupplyPolicies, SupplyTarget } from './Supply.ts';

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
    data: { retentionDays: null, training: null },
    tags: [],
    weight: null,
    canary: null,
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

interface Said {
  readonly file?: object;
  readonly models?: Readonly<Record<string, object>>;
  readonly organisations?: Readonly<Record<string, object>>;
  readonly teams?: Readonly<Record<string, object>>;
  readonly keys?: Readonly<Record<string, object>>;
}

const parsed = (policies: Readonly<Record<string, object>> = {}) =>
  new Map(Object.entries(policies).map(([name, policy]) => [name, routePolicySchema.parse(policy)]));

/** What a file says of who may serve. There is a team called research and a key called demo beside those that say something. */
export const policiesOf = ({ file = {}, models, organisations, teams, keys }: Said): SupplyPolicies => {
  const said = { organisations: parsed(organisations), teams: parsed(teams), keys: parsed(keys) };
  const policies = new Policies({ ...said, file: routePolicySchema.parse(file), models: parsed(models) });
  return {
    of: (model, { organisation, team, key }) =>
      policies.of(model, {
        organisation: organisation ?? '',
        team: team ?? '',
        policy: said.keys.get(key ?? '') ?? null,
      }),
    hasTeam: (team) => team === 'research' || said.teams.has(team),
    hasKey: (key) => key === 'demo' || said.keys.has(key),
    organisations: [...said.organisations.keys()],
    teams: [...said.teams.keys()],
    keys: [...said.keys.keys()],
  };
};

export const supplyOf = (
  models: Readonly<Record<string, readonly SupplyTarget[]>>,
  differs: Partial<Supply> = {},
): Supply => ({
  models: new Map(Object.entries(models)),
  caps: { vendor: null, host: null, jurisdiction: null, lab: null },
  forecastUsd: 0,
  dropped: 0,
  burstCapacity: () => null,
  policies: policiesOf({}),
  ...differs,
});

/** Noon of 15 November 2026, UTC. */
export const noonMs = Date.UTC(2026, 10, 15, 12);

export const requestOf = (differs: Partial<PastRequest> = {}): PastRequest => ({
  requestId: '01a222d1-66d4-73ea-b40b-fb77eead30b7',
  organisation: 'default',
  team: 'research',
  key: 'demo',
  model: 'chat',
  wire: 'openai-chat',
  operation: 'generate',
  stream: true,
  startedAtMs: noonMs,
  needs: 0,
  pin: null,
  tags: [],
  refusedBy: [],
  target: 'a/m',
  usage: { input: 1_000, output: 1_000 },
  amountNanoUsd: 2_000_000n,
  firstContentMs: 100,
  durationMs: 400,
  ...differs,
});
