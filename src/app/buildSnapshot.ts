import type { KeyTable } from '../access/index.ts';
import {
  contractFor,
  discountingContract,
  discountText,
  drawableBy,
  feeBetween,
  feesTowards,
  reservedSince,
  standing,
  type Contract,
} from '../contracts/index.ts';
import {
  areSeveralTenants,
  lackPolicyOf,
  type Deployment,
  type LogicalModel,
  type PassedProvider,
  type PassedRule,
  type Snapshot,
  type Terms,
} from '../gateway/index.ts';
import { assert, nanoUsd, type Ratio, type Secret } from '../kernel/index.ts';
import { calendarWindow } from '../ledger/index.ts';
import { capabilitiesOf, declaredPrice, priceOrCeiling, promptCacheOf, type PriceBook } from '../market/index.ts';
import {
  authorizerOf,
  credentialNames,
  defaultBaseUrl,
  profileOf,
  providersNamed,
  reachOfProvider,
  type CredentialName,
  isAbout,
  partsOf,
  type PassthroughRule,
  wiresBeside,
  type ProviderConfiguration,
  queryOf,
} from '../providers/index.ts';
import { Policies } from '../router/index.ts';
import {
  hostsOf,
  rateScope,
  type ModelBucket,
  type RateScope,
  type RateScopeKind,
  type Rates,
  type RoutePolicy,
} from '../vocabulary/index.ts';
import { clientWires, untouchedWire, wires } from '../wire/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { contractsOf } from './contractsOf.ts';
import { servedDeployment, type ServedEndpoint } from './jobs/servedDeployment.ts';
import { secretOf, type SecretTable } from './loadConfiguration.ts';

/** Periods, from the epoch on, for each of which the terms of a deployment are looked up once. Prices and contracts begin and end at whole seconds, so never within one. */
const termsMs = 1_000;
/** Spend a month that caps are measured against where no contract says what to expect. US dollars. */
const monthUsdUnknown = 100;
const monthMs = 30 * 86_400_000;

export interface SnapshotParts {
  readonly configuration: ArchipelConfiguration;
  readonly secrets: SecretTable;
  readonly keys: KeyTable;
  readonly areKeysKnown: boolean;
  readonly book: PriceBook;
  readonly nowMs: number;
  readonly sandbox: boolean;
  /** Servers of jobs that requests may go to. */
  readonly served: readonly ServedEndpoint[];
}

const asNumber = ({ numerator, denominator }: Ratio): number => Number(numerator) / Number(denominator);

type ConfiguredModel = ArchipelConfiguration['models'] extends ReadonlyMap<string, infer Model> ? Model : never;
type ConfiguredDeployment = ConfiguredModel['deployments'][number];

const termsAt = (
  parts: SnapshotParts,
  contracts: readonly Contract[],
  provider: ProviderConfiguration,
  deployment: ConfiguredDeployment,
  needs: readonly ModelBucket[] | null,
  atMs: number,
): Terms => {
  const { vendor, region } = provider;
  const { model, price } = deployment;
  const override =
    price === null || Object.keys(price).length === 0
      ? undefined
      : declaredPrice(price, { vendor, model, source: parts.sandbox ? 'sandbox' : 'file' });
  const entry = parts.book.find({ vendor, model, region, atMs, ...(override ? { override } : {}) });
  const priced = priceOrCeiling({
    entry,
    policy: parts.configuration.policy.unpriced,
    vendor,
    model,
    ...(needs === null ? {} : { needs }),
  });
  const thing = { provider: provider.name, model };
  return {
    price: priced.kind === 'refused' ? null : priced.price,
    discount: discountText(discountingContract(contracts, thing, atMs)),
    contract: contractFor(contracts, thing, atMs)?.id ?? null,
  };
};

/** The parts of a provider's credential that can be read. */
const secretsOf = (
  parts: SnapshotParts,
  { credentials }: ProviderConfiguration,
): Readonly<Partial<Record<CredentialName, Secret>>> => {
  const secrets: Partial<Record<CredentialName, Secret>> = {};
  for (const name of credentialNames) {
    const reference = credentials[name];
    const secret = reference === undefined ? null : secretOf(parts.secrets, reference);
    if (secret !== null) secrets[name] = secret;
  }
  return secrets;
};

const deploymentOf = (
  parts: SnapshotParts,
  contracts: readonly Contract[],
  provider: ProviderConfiguration,
  deployment: ConfiguredDeployment,
  needs: readonly ModelBucket[] | null,
): Deployment | null => {
  const wire = wires.get(provider.wire);
  const baseUrl = provider.baseUrl ?? defaultBaseUrl(provider);
  // `check` refuses a file that names such.
  if (wire === undefined || baseUrl === null) return null;
  const url = new URL(baseUrl);
  const profile = profileOf(provider);
  const { vendor, account, region, family } = provider;
  const { model, lab, capabilities } = deployment;
  let kept: Terms | null = null;
  let keptPeriod = -Infinity;
  return {
    target: { provider: provider.name, model },
    wire,
    alsoSpeaks: wiresBeside(provider).flatMap((name) => clientWires.get(name) ?? []),
    origin: url.origin,
    reach: reachOfProvider(provider, baseUrl),
    basePath: url.pathname.replace(/\/+$/, ''),
    query: queryOf(provider),
    authorizer: authorizerOf(secretsOf(parts, provider), region),
    credential: `${provider.name}/${account}`,
    quotaDomain: [vendor, account, region ?? '-', family ?? model].join('/'),
    boundary: [vendor, account, region ?? '-'].join('/'),
    promptCache: promptCacheOf({ wire: provider.wire, vendor, model }),
    holdsConversations: provider.holdsConversations ?? profile?.holdsConversations ?? false,
    vendor,
    hosts: hostsOf(provider.host),
    jurisdiction: provider.jurisdiction,
    data: provider.data,
    tags: deployment.tags,
    weight: deployment.weight,
    canary: deployment.canary === null ? null : asNumber(deployment.canary),
    lab,
    region,
    capabilities: capabilitiesOf({
      book: parts.book,
      wire: provider.wire,
      vendor,
      model,
      atMs: parts.nowMs,
      override: {
        ...(capabilities.contextTokens === null ? {} : { contextTokens: capabilities.contextTokens }),
        ...(capabilities.maxOutputTokens === null ? {} : { maxOutputTokens: capabilities.maxOutputTokens }),
        ...(capabilities.reasoning === null ? {} : { reasoning: capabilities.reasoning }),
        ...(capabilities.toolCall === null ? {} : { toolCall: capabilities.toolCall }),
        unsupported: capabilities.unsupported,
        supported: capabilities.supported,
      },
    }),
    rates: rateScope('provider', provider.name, provider.limits, wire.cacheReadsUnlimited !== true),
    terms: (atMs) => {
      const period = Math.floor(atMs / termsMs);
      if (kept === null || period !== keptPeriod) {
        kept = termsAt(parts, contracts, provider, deployment, needs, atMs);
        keptPeriod = period;
      }
      return kept;
    },
  };
};

/** Deployments that jobs are of a model. */
const servedOf = (parts: SnapshotParts, model: string): readonly Deployment[] =>
  parts.served
    .filter(({ serve }) => serve.model === model)
    .flatMap((serving) => servedDeployment(serving, parts) ?? []);

/** What a deployment is to have of the traffic, all members of its list have together. */
const inParts = (deployment: Deployment, members: number): Deployment => {
  const { weight, canary } = deployment;
  return {
    ...deployment,
    weight: weight === null ? null : weight / members,
    canary: canary === null ? null : canary / members,
  };
};

const modelOf = (
  parts: SnapshotParts,
  contracts: readonly Contract[],
  name: string,
  model: ConfiguredModel,
): LogicalModel => {
  const { providers } = parts.configuration;
  const embeds = model.space !== null;
  const deployments = model.deployments.flatMap((deployment) => {
    const made = providersNamed(providers, deployment.provider).flatMap(
      (provider) => deploymentOf(parts, contracts, provider, deployment, embeds ? ['input'] : null) ?? [],
    );
    return made.map((one) => inParts(one, made.length));
  });
  // What is paid for already stands first: where nothing else tells two apart it is taken.
  const all = embeds ? deployments : [...servedOf(parts, name), ...deployments];
  const listed = { id: name, createdAtS: Math.floor(parts.nowMs / 1_000), ownedBy: 'archipel' };
  return { name, deployments: all, embeds, listed, rates: rateScope('model', name, model.limits) };
};

/** Vendors' own prices have nothing to say of it: the file has said all. */
const noNeeds: readonly ModelBucket[] = [];

/** The one deployment of a rule. What is learnt on these paths is no word about the models of the same provider, so that nothing of it is called as theirs is. */
const passedDeployment = (
  parts: SnapshotParts,
  contracts: readonly Contract[],
  provider: ProviderConfiguration,
  { path, usdPerRequest }: PassthroughRule,
): Deployment | null => {
  const model = partsOf(path).join('/');
  const configured: ConfiguredDeployment = {
    provider: provider.name,
    model,
    lab: null,
    price: { requests: usdPerRequest * 1_000_000n },
    // Nobody knows how long a vendor takes over a picture: it has the time of those who think.
    capabilities: {
      contextTokens: null,
      maxOutputTokens: null,
      reasoning: true,
      toolCall: null,
      unsupported: [],
      supported: [],
    },
    space: null,
    tags: [],
    weight: null,
    canary: null,
  };
  // A floor that counts no requests would give them away.
  const drawable = drawableBy(contracts, { requests: 1n });
  const made = deploymentOf(parts, drawable, provider, configured, noNeeds);
  if (made === null) return null;
  const { credential, boundary, wire } = made;
  return {
    ...made,
    wire: untouchedWire(wire),
    alsoSpeaks: [],
    // The file says what the vendor bills, and a contract takes nothing off that.
    terms: (atMs) => ({ ...made.terms(atMs), discount: '0' }),
    credential: `${credential}/passthrough`,
    quotaDomain: `${boundary}/passthrough/${model}`,
  };
};

/** What counts as a model counts to its limits, too. */
const ratesOfModel = ({ configuration }: SnapshotParts, name: string | null): RateScope | null => {
  const model = name === null ? undefined : configuration.models.get(name);
  return name === null || model === undefined ? null : rateScope('model', name, model.limits);
};

const passedRule = (
  parts: SnapshotParts,
  contracts: readonly Contract[],
  provider: ProviderConfiguration,
  rule: PassthroughRule,
): readonly PassedRule[] => {
  const deployment = passedDeployment(parts, contracts, provider, rule);
  if (deployment === null) return [];
  const name = rule.model ?? `passthrough/${provider.name}/${deployment.target.model}`;
  const listed = { id: name, createdAtS: Math.floor(parts.nowMs / 1_000), ownedBy: 'archipel' };
  return [
    {
      isAbout: (method, path) => isAbout(rule, method, path),
      countsAs: rule.model,
      model: { name, listed, embeds: false, deployments: [deployment], rates: ratesOfModel(parts, rule.model) },
    },
  ];
};

const passedOf = (parts: SnapshotParts, contracts: readonly Contract[]): ReadonlyMap<string, PassedProvider> => {
  const passed = new Map<string, PassedProvider>();
  for (const provider of parts.configuration.providers) {
    const rules = provider.passthrough.flatMap((rule) => passedRule(parts, contracts, provider, rule));
    const basePath = rules[0]?.model.deployments[0]?.basePath;
    if (basePath !== undefined) passed.set(provider.name, { basePath, rules });
  }
  return passed;
};

/** What a month costs if the contracts are met: pools by what is due beside fees that count towards them, floors by the dollars that they reserve, other floors and slots by their fee. */
const monthUsd = (contracts: readonly Contract[], nowMs: number): number => {
  let usd = 0;
  for (const contract of contracts) {
    const now = standing(contract, { drawnNanoUsd: nanoUsd(0n), nowMs });
    if (now.phase !== 'open') continue;
    const months = (now.windowUntilMs - now.windowFromMs) / monthMs;
    if (now.kind === 'pool' && contract.kind === 'pool') {
      const feesNanoUsd = feesTowards(contract, contracts, now.windowFromMs, now.windowUntilMs);
      usd += Math.max(0, Number(now.dueNanoUsd - feesNanoUsd)) / 1e9 / months;
    }
    const isByFee = contract.kind === 'slot' || (contract.kind === 'floor' && contract.meters.length > 0);
    if (isByFee) usd += Number(feeBetween(contract, contract.fromMs, contract.untilMs)) / 1e9 / Math.max(1, months);
    if (contract.kind === 'floor') usd += Number(reservedSince(contract, contract.untilMs)) / 1e9 / Math.max(1, months);
  }
  return usd > 0 ? usd : monthUsdUnknown;
};

/** What the window of the caps costs at that pace. A window without an end counts as a month. */
const forecastUsd = (parts: SnapshotParts, contracts: readonly Contract[]): number => {
  const { policy, timeZone } = parts.configuration;
  const { fromMs, untilMs } = calendarWindow(policy.concentration.window, parts.nowMs, timeZone);
  const months = Number.isFinite(untilMs) ? (untilMs - fromMs) / monthMs : 1;
  return monthUsd(contracts, parts.nowMs) * months;
};

const ratesOf = (
  kind: RateScopeKind,
  all: ReadonlyMap<string, { readonly limits: Rates }>,
): ReadonlyMap<string, RateScope> => {
  const scopes = new Map<string, RateScope>();
  for (const [name, { limits }] of all) {
    const scope = rateScope(kind, name, limits);
    if (scope !== null) scopes.set(name, scope);
  }
  return scopes;
};

const saying = (all: ReadonlyMap<string, { readonly policy: RoutePolicy | null }>): ReadonlyMap<string, RoutePolicy> =>
  new Map([...all].flatMap(([name, { policy }]) => (policy === null ? [] : [[name, policy] as const])));

const policiesOf = ({ policy, models, organisations, teams }: ArchipelConfiguration): Policies =>
  new Policies({
    file: policy,
    models: saying(models),
    organisations: saying(organisations),
    teams: saying(teams),
  });

/** A cap of the whole is none: the room that is kept below caps would forbid what the file allows. */
const capOf = (cap: Ratio | null): number | null => (cap === null || asNumber(cap) >= 1 ? null : asNumber(cap));

/** Everything that requests are decided by, from a whole configuration. */
export const buildSnapshot = (parts: SnapshotParts): Snapshot => {
  const { configuration, keys } = parts;
  const { policy, limits } = configuration;
  const contracts = contractsOf(configuration);
  const { vendor, host, jurisdiction, lab } = policy.concentration;
  const models = new Map(
    [...configuration.models].map(([name, model]) => [name, modelOf(parts, contracts, name, model)] as const),
  );
  assert(models.size > 0, 'a configuration has models');
  return {
    keys,
    areKeysKnown: parts.areKeysKnown,
    models,
    passthrough: passedOf(parts, contracts),
    organisationRates: ratesOf('organisation', configuration.organisations),
    teamRates: ratesOf('team', configuration.teams),
    limits,
    policies: policiesOf(configuration),
    caps: { vendor: capOf(vendor), host: capOf(host), jurisdiction: capOf(jurisdiction), lab: capOf(lab) },
    forecastUsd: forecastUsd(parts, contracts),
    moveContentPolicy: policy.failover.contentPolicy,
    serveUnpriced: policy.unpriced.kind === 'flag',
    lacking: lackPolicyOf(policy),
    cacheIsolation: policy.cacheIsolation,
    hasSeveralTenants: areSeveralTenants(keys.values(), policy.cacheIsolation),
    answerHeaders: parts.sandbox ? { 'x-archipel-sandbox': 'true' } : {},
  };
};
