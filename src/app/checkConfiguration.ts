import { Findings, mendByName } from '../config/index.ts';
import type { ConfigurationPath } from '../config/index.ts';
import { contractFaults } from '../contracts/index.ts';
import { addressScope } from '../egress/index.ts';
import { startOfDayMs } from '../kernel/index.ts';
import type { Ratio } from '../kernel/index.ts';
import {
  accountMark,
  companionWires,
  isOwnHost,
  partsOf,
  profileOf,
  providerPath,
  providersNamed,
  reachOfProvider,
} from '../providers/index.ts';
import type { ProviderConfiguration } from '../providers/index.ts';
import type { HostShare } from '../vocabulary/index.ts';
import { isServedPath } from '../wire/index.ts';
import { checkBaseUrl } from './checkBaseUrl.ts';
import { checkPolicies } from './checkPolicies.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { contractsOf } from './contractsOf.ts';
import { modelsNamedBy } from './keyBudgets.ts';

/** What the program knows that the file is held against. */
export interface KnownThings {
  /** Names of the wires that this program speaks. */
  readonly wires: readonly string[];
  /** Unix milliseconds. */
  readonly nowMs: number;
  /** Whether the market knows a price. Absent: nothing is said about prices. */
  readonly isPriced?: (offer: {
    readonly vendor: string;
    readonly model: string;
    readonly region: string | null;
  }) => boolean;
  /** The address that a provider has without a `baseUrl`, or null. Absent: nothing is said about missing addresses. */
  readonly defaultBaseUrl?: (provider: ProviderConfiguration) => string | null;
}

const list = (names: Iterable<string>): string => [...names].slice(0, 20).join(', ');

/** Looks a name up; where it is unknown the fault suggests the nearest and never repeats what was written. */
export const checkName = (
  findings: Findings,
  path: ConfigurationPath,
  written: string,
  known: { readonly noun: string; readonly names: readonly string[]; readonly define?: string },
): void => {
  if (known.names.includes(written)) return;
  const otherwise =
    known.names.length === 0 ? (known.define ?? `define the ${known.noun}`) : `choose one of ${list(known.names)}`;
  findings.fault(path, `no ${known.noun} has this name`, mendByName(written, known.names, otherwise));
};

const providerNames = (providers: readonly ProviderConfiguration[]): readonly string[] => [
  ...new Set(providers.flatMap(({ group, name }) => [group, name])),
];

/** Sum of the shares that are known, against 1. */
const compareSharesToOne = (shares: readonly HostShare[]): -1 | 0 | 1 => {
  const known = shares.flatMap(({ share }): readonly Ratio[] => (share === null ? [] : [share]));
  const scale = known.reduce((largest, { denominator }) => (denominator > largest ? denominator : largest), 1n);
  // All denominators are powers of ten, so the largest is a multiple of each.
  const sum = known.reduce((total, share) => total + share.numerator * (scale / share.denominator), 0n);
  if (sum === scale) return 0;
  return sum < scale ? -1 : 1;
};

const checkHosts = (findings: Findings, path: ConfigurationPath, host: readonly HostShare[]): void => {
  if (host.length === 0) return;
  const against = compareSharesToOne(host);
  const allKnown = host.every(({ share }) => share !== null);
  if (against > 0)
    findings.fault([...path, 'host'], 'the shares of the hosts add up to more than 1', 'make them add up to 1');
  if (against < 0 && allKnown) {
    findings.warn(
      [...path, 'host'],
      'the shares of the hosts add up to less than 1',
      'say where the rest runs, or write share: unknown',
    );
  }
  const names = host.map(({ name }) => name);
  if (new Set(names).size < names.length)
    findings.fault([...path, 'host'], 'a host that is named twice', 'name each host once');
};

const tellNoAddress = (findings: Findings, path: ConfigurationPath, provider: ProviderConfiguration): void => {
  const profile = profileOf(provider);
  if (profile === null) return findings.fault(path, '"baseUrl" is missing', 'add it: where does this endpoint answer?');
  if (profile.baseUrl?.includes(accountMark) === true)
    return findings.fault(
      path,
      '"region" and "account" say no address, and "baseUrl" is missing',
      'add the region (global, or a location) and the account (the project) as the vendor writes them, or baseUrl',
    );
  findings.fault(
    path,
    '"region" says no address, and "baseUrl" is missing',
    'add the region as the vendor writes it, or baseUrl',
  );
};

const checkAddress = (
  findings: Findings,
  configuration: ArchipelConfiguration,
  known: KnownThings,
  provider: ProviderConfiguration,
): void => {
  const path = [...providerPath(provider), 'baseUrl'];
  const { listen, admin } = configuration;
  const baseUrl = provider.baseUrl ?? known.defaultBaseUrl?.(provider);
  if (baseUrl === null) tellNoAddress(findings, path, provider);
  if (baseUrl === null || baseUrl === undefined) return;
  const isOwn = isOwnHost(provider);
  const reach = reachOfProvider(provider, baseUrl);
  const fault = checkBaseUrl(baseUrl, { own: [listen, admin.listen], isOwnHost: isOwn, reach });
  if (fault !== null) findings.fault(path, fault.what, fault.mend);
  const isFar = addressScope(new URL(baseUrl).hostname) === 'public' && !isOwn;
  if (isFar && Object.keys(provider.credentials).length === 0) {
    findings.warn(
      providerPath(provider),
      'a public endpoint without credentials',
      'add credentials: { apiKey: "${env:NAME}" }',
    );
  }
};

/** A signing key has two halves, and its signatures hold a region. */
const checkCredentials = (findings: Findings, provider: ProviderConfiguration): void => {
  const path = [...providerPath(provider), 'credentials'];
  const { accessKeyId, secretAccessKey, sessionToken } = provider.credentials;
  const signs = accessKeyId !== undefined || secretAccessKey !== undefined || sessionToken !== undefined;
  if (!signs) return;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    findings.fault(path, 'one half of a signing key', 'add accessKeyId and secretAccessKey both');
  if (provider.region === null)
    findings.fault(providerPath(provider), '"region" is missing, which a signature must hold', 'add it');
};

/** Another wire at the same address needs the same path and the same way to carry a key. */
const checkWiresBeside = (findings: Findings, provider: ProviderConfiguration): void => {
  const names = companionWires.get(provider.wire) ?? [];
  for (const [index, name] of (provider.alsoSpeaks ?? []).entries()) {
    checkName(findings, [...providerPath(provider), 'alsoSpeaks', index], name, {
      noun: 'wire that can stand beside this one',
      names,
      define: 'leave it out: nothing can stand beside this wire',
    });
  }
};

/** What this program serves itself has models, prices and policy, and no other way in; and of two rules for the same the second is never asked. */
const checkPassthrough = (
  findings: Findings,
  configuration: ArchipelConfiguration,
  provider: ProviderConfiguration,
): void => {
  const seen = new Set<string>();
  for (const [index, { path, methods, usdPerRequest, model }] of provider.passthrough.entries()) {
    const at = [...providerPath(provider), 'passthrough', index];
    if (isServedPath(partsOf(path)))
      findings.fault(
        [...at, 'path'],
        'a path that is served here itself',
        'add a model with a deployment there instead',
      );
    if (model !== null)
      checkName(findings, [...at, 'model'], model, { noun: 'model', names: [...configuration.models.keys()] });
    const asked = methods.map((method) => `${method} ${path}`);
    if (asked.some((one) => seen.has(one)))
      findings.fault(at, 'a rule for what an earlier one is about', 'keep one of the two');
    for (const one of asked) seen.add(one);
    const isWide = path === '/**' && methods.some((method) => method !== 'GET' && method !== 'DELETE');
    if (usdPerRequest === 0n && isWide)
      findings.warn(
        at,
        'whatever is sent there counts as free, whatever the vendor bills for it',
        'say what it costs at most, or name the paths that cost nothing',
      );
  }
};

const checkProviders = (findings: Findings, configuration: ArchipelConfiguration, known: KnownThings): void => {
  const { providers } = configuration;
  if (providers.length === 0) findings.fault(['providers'], 'no provider at all', 'define at least one');
  const seen = new Set<string>();
  for (const provider of providers) {
    const path = providerPath(provider);
    if (seen.has(provider.name))
      findings.fault([...path, 'name'], 'two members of this list have the same name', 'give each a name of its own');
    seen.add(provider.name);
    checkName(findings, [...path, 'wire'], provider.wire, { noun: 'wire', names: known.wires });
    checkWiresBeside(findings, provider);
    checkHosts(findings, path, provider.host);
    checkCredentials(findings, provider);
    checkPassthrough(findings, configuration, provider);
    checkAddress(findings, configuration, known, provider);
  }
};

type Model = ArchipelConfiguration['models'] extends ReadonlyMap<string, infer Value> ? Value : never;

// Every embedding model on the market says so in its name; none that writes does.
const isEmbeddingName = (name: string): boolean => /embed/i.test(name);

/** Vectors of different spaces cannot be compared: a failover between them would spoil a client's index in silence. */
const checkSpace = (findings: Findings, path: ConfigurationPath, name: string, model: Model): void => {
  const embeds = isEmbeddingName(name) || model.deployments.some((deployment) => isEmbeddingName(deployment.model));
  if (model.space === null) {
    const own = model.deployments.findIndex((deployment) => deployment.space !== null);
    if (embeds || own >= 0) {
      findings.fault(
        path,
        '"space" is missing',
        'add it, since vectors only compare within one: space: { model: ..., dimensions: ... }',
      );
    }
    return;
  }
  for (const [index, deployment] of model.deployments.entries()) {
    const { model: maker, dimensions } = deployment.space ?? { ...model.space, model: deployment.model };
    if (maker === model.space.model && dimensions === model.space.dimensions) continue;
    findings.fault(
      [...path, 'deployments', index],
      "a deployment outside this model's vector space",
      'take it out, or say space: { model, dimensions } on it where only its name differs',
    );
  }
};

const checkPrices = (
  findings: Findings,
  configuration: ArchipelConfiguration,
  known: KnownThings,
  path: ConfigurationPath,
  model: Model,
): void => {
  const { isPriced } = known;
  if (isPriced === undefined || configuration.policy.unpriced.kind !== 'refuse') return;
  for (const [index, { provider, model: vendorModel, price }] of model.deployments.entries()) {
    if (price !== null && Object.keys(price).length > 0) continue;
    const unpriced = providersNamed(configuration.providers, provider).some(
      ({ vendor, region }) => !isPriced({ vendor, model: vendorModel, region }),
    );
    if (!unpriced) continue;
    findings.warn(
      [...path, 'deployments', index],
      'no price is known for this deployment, so nothing will be sent there',
      'add price: { inputPerMTok: "...", outputPerMTok: "..." }',
    );
  }
};

const checkModels = (findings: Findings, configuration: ArchipelConfiguration, known: KnownThings): void => {
  const { models, providers } = configuration;
  if (models.size === 0) findings.fault(['models'], 'no model at all', 'define at least one');
  const names = providerNames(providers);
  for (const [name, model] of models) {
    const path = ['models', name];
    const seen = new Set<string>();
    for (const [index, deployment] of model.deployments.entries()) {
      const at = [...path, 'deployments', index];
      checkName(findings, [...at, 'provider'], deployment.provider, { noun: 'provider', names });
      for (const { name: provider } of providersNamed(providers, deployment.provider)) {
        const target = `${provider}/${deployment.model}`;
        if (seen.has(target)) findings.fault(at, 'a deployment that is listed twice', 'keep one of the two');
        seen.add(target);
      }
    }
    checkSpace(findings, path, name, model);
    checkPrices(findings, configuration, known, path, model);
  }
};

const checkCovers = (findings: Findings, configuration: ArchipelConfiguration): void => {
  const { contracts, providers, sites } = configuration;
  const names = providerNames(providers);
  for (const [index, contract] of contracts.entries()) {
    for (const [position, cover] of contract.covers.entries()) {
      const path = ['contracts', index, 'covers', position];
      if (cover.kind === 'provider')
        checkName(findings, [...path, 'provider'], cover.provider, { noun: 'provider', names });
      if (cover.kind === 'site')
        checkName(findings, [...path, 'site'], cover.site, { noun: 'site', names: [...sites.keys()] });
    }
    if (contract.kind !== 'slot') continue;
    const covered = contract.covers.flatMap((cover) => (cover.kind === 'site' ? [sites.get(cover.site)] : []));
    const there = covered
      .flatMap((site) => site?.accelerators ?? [])
      .filter(({ kind }) => kind === contract.accelerator);
    const count = there.reduce((sum, accelerator) => sum + accelerator.count, 0);
    if (count < contract.count) {
      findings.warn(
        ['contracts', index],
        `its sites list ${count} of the ${contract.count} accelerators`,
        "complete the sites' accelerators",
      );
    }
  }
};

const checkContracts = (findings: Findings, configuration: ArchipelConfiguration): void => {
  const { contracts } = configuration;
  checkCovers(findings, configuration);
  for (const { id, at, message, mend } of contractFaults(contractsOf(configuration))) {
    findings.fault(['contracts', contracts.findLastIndex((contract) => contract.id === id), ...at], message, mend);
  }
};

const checkUnique = (
  findings: Findings,
  entries: readonly { readonly path: ConfigurationPath; readonly value: string }[],
  what: string,
): void => {
  const seen = new Set<string>();
  for (const { path, value } of entries) {
    if (seen.has(value)) findings.fault(path, what, 'give each one of its own');
    seen.add(value);
  }
};

/** Budgets of one holder are told apart by their names, and count models that there are. */
const checkBudgets = (findings: Findings, { keys, teams, organisations, models }: ArchipelConfiguration): void => {
  const holders = [
    ...[...organisations].map(([name, holder]) => ({ path: ['organisations', name], holder })),
    ...[...teams].map(([name, holder]) => ({ path: ['teams', name], holder })),
    ...keys.map((holder, index) => ({ path: ['keys', index], holder })),
  ];
  const modelNames = [...models.keys()];
  for (const { path, holder } of holders) {
    for (const model of modelsNamedBy(holder)) checkName(findings, path, model, { noun: 'model', names: modelNames });
    const names = holder.budgets.map(({ name }, index) => ({ path: [...path, 'budgets', index], value: name }));
    checkUnique(findings, names, 'two budgets have the same name, or none and the same window');
  }
};

const checkKeys = (findings: Findings, configuration: ArchipelConfiguration, known: KnownThings): void => {
  const { keys, teams, models, admin, timeZone } = configuration;
  const modelNames = [...models.keys()];
  for (const [index, key] of keys.entries()) {
    checkName(findings, ['keys', index, 'team'], key.team, { noun: 'team', names: [...teams.keys()] });
    for (const [position, model] of (key.models ?? []).entries()) {
      checkName(findings, ['keys', index, 'models', position], model, { noun: 'model', names: modelNames });
    }
    if (key.expires !== null && startOfDayMs(key.expires, timeZone) <= known.nowMs) {
      findings.warn(['keys', index, 'expires'], 'a key that has expired', 'take it out, or set a later day');
    }
  }
  for (const [index, { teams: reached }] of admin.keys.entries())
    for (const [position, team] of (reached ?? []).entries())
      checkName(findings, ['admin', 'keys', index, 'teams', position], team, {
        noun: 'team',
        names: [...teams.keys()],
      });
  const dataKeys = keys.map(({ name, hash }, index) => ({ path: ['keys', index], name, hash }));
  const adminKeys = admin.keys.map(({ name, hash }, index) => ({ path: ['admin', 'keys', index], name, hash }));
  for (const group of [dataKeys, adminKeys]) {
    const names = group.map(({ path, name }) => ({ path: [...path, 'name'], value: name }));
    checkUnique(findings, names, 'two keys have the same name');
  }
  const hashes = [...adminKeys, ...dataKeys].map(({ path, hash }) => ({ path: [...path, 'hash'], value: hash }));
  checkUnique(findings, hashes, 'two entries are for the same key');
};

const checkTeams = (findings: Findings, { teams, organisations }: ArchipelConfiguration): void => {
  const names = [...organisations.keys()];
  for (const [name, team] of teams) {
    checkName(findings, ['teams', name, 'organisation'], team.organisation, { noun: 'organisation', names });
  }
};

const fitsBelow = (cap: Ratio, parts: number): boolean => cap.numerator * BigInt(parts) >= cap.denominator;

/** Caps and outage rules that no choice can keep: they would be forced at every request. */
const checkPolicy = (findings: Findings, { policy, providers }: ArchipelConfiguration): void => {
  const vendors = new Set(providers.map(({ vendor }) => vendor)).size;
  const { concentration, resilience } = policy;
  if (vendors > 0 && concentration.vendor !== null && !fitsBelow(concentration.vendor, vendors)) {
    findings.warn(
      ['policy', 'concentration', 'vendor'],
      `a cap that ${vendors} vendors together cannot keep`,
      'raise it, or add a vendor',
    );
  }
  if (resilience !== null && resilience.lostVendors >= vendors) {
    findings.warn(
      ['policy', 'resilience'],
      `with ${vendors} vendors nothing is left to serve`,
      'add a vendor, or expect fewer to be lost',
    );
  }
  if (concentration.host === null) return;
  for (const provider of providers) {
    if (provider.host.length > 0) continue;
    findings.warn(
      providerPath(provider),
      'its host is unknown, and hosts are capped',
      'add host: it counts at its worst case meanwhile',
    );
  }
};

const checkListeners = (findings: Findings, { listen, admin }: ArchipelConfiguration): void => {
  if (listen.port === admin.listen.port && listen.port !== 0) {
    findings.fault(
      ['admin', 'listen'],
      'both listeners have the same port',
      'give the control plane a port of its own',
    );
  }
  if (addressScope(admin.listen.host) !== 'loopback') {
    findings.warn(
      ['admin', 'listen'],
      'the control plane can be reached from other machines',
      'listen on 127.0.0.1 unless a network of your own protects it',
    );
  }
};

const checkSites = (findings: Findings, { sites }: ArchipelConfiguration): void => {
  for (const [name, { host, executor }] of sites) {
    checkHosts(findings, ['sites', name], host);
    if (executor === 'local') continue;
    findings.warn(
      ['sites', name, 'executor'],
      'an executor that is not part of this version, so no job will run there',
      'wait for a later version; its capacity and contracts are counted meanwhile',
    );
  }
};

/** What the schema cannot see: names that must exist, things that must not meet, promises that cannot be kept. */
export const checkConfiguration = (configuration: ArchipelConfiguration, known: KnownThings): Findings => {
  const findings = new Findings();
  checkListeners(findings, configuration);
  checkProviders(findings, configuration, known);
  checkModels(findings, configuration, known);
  checkContracts(findings, configuration);
  checkPolicy(findings, configuration);
  checkTeams(findings, configuration);
  checkKeys(findings, configuration, known);
  checkBudgets(findings, configuration);
  checkSites(findings, configuration);
  checkPolicies(findings, configuration);
  return findings;
};
