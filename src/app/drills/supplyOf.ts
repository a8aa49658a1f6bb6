import {
  dependsOnOf,
  type BurstCapacity,
  type Needing,
  type Supply,
  type SupplyPolicies,
  type SupplyTarget,
} from '../../drills/index.ts';
import { deploymentsFor, type Deployment, type LogicalModel, type Snapshot } from '../../gateway/index.ts';
import type { HostShare, RoutePolicy } from '../../vocabulary/index.ts';
import { clientWires } from '../../wire/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';

type Configured = Pick<ArchipelConfiguration, 'providers' | 'sites'>;
type ConfiguredHolders = Pick<ArchipelConfiguration, 'organisations' | 'teams'>;

const namesOf = (host: readonly HostShare[]): readonly string[] => host.map(({ name }) => name);

const needingIn = ({ providers, sites }: Configured): readonly Needing[] => [
  ...providers.map(({ name, group, host, dependsOn }) => ({ names: [name, group], hosts: namesOf(host), dependsOn })),
  ...[...sites].map(([name, { host, dependsOn }]) => ({ names: [name], hosts: namesOf(host), dependsOn })),
];

/** Hosts without which a provider or a site of the file stops, along the whole chain of what it depends on. */
export const chainsOf = (configuration: Configured): ((name: string) => readonly string[]) => {
  const needing = needingIn(configuration);
  const chains = new Map(needing.flatMap((one) => one.names.map((name) => [name, dependsOnOf(one, needing)] as const)));
  return (name) => chains.get(name) ?? [];
};

/** @param isPassed Whether it takes what is handed on as it is, and nothing else. */
const targetOf = (
  model: LogicalModel,
  deployment: Deployment,
  group: string,
  dependsOn: readonly string[],
  isPassed: boolean,
): SupplyTarget => {
  const { target, credential, quotaDomain, vendor, hosts, jurisdiction, lab, data, tags, weight, canary } = deployment;
  const { capabilities, rates } = deployment;
  const served = new Map<string, boolean>();
  return {
    target,
    group,
    credential,
    quotaDomain,
    vendor,
    hosts,
    dependsOn,
    jurisdiction,
    lab,
    data,
    tags,
    weight,
    canary,
    lacks: capabilities.lacks,
    contextTokens: capabilities.contextTokens,
    rates,
    serves: (wire, operation) => {
      if (operation === 'passthrough' || isPassed) return operation === 'passthrough' && isPassed;
      const key = `${wire} ${operation}`;
      const known = served.get(key);
      if (known !== undefined) return known;
      const client = clientWires.get(wire);
      const serves = client !== undefined && deploymentsFor(model, client, operation).includes(deployment);
      served.set(key, serves);
      return serves;
    },
    terms: (atMs) => deployment.terms(atMs),
  };
};

const saying = (holders: ReadonlyMap<string, { readonly policy: RoutePolicy | null }>): readonly string[] =>
  [...holders].flatMap(([name, { policy }]) => (policy === null ? [] : [name]));

/**
 * What holds for whom, by the names that records have: teams and keys stand in them as they were, and are looked up as they are now, teams with the organisation to
 * which they belong now.
 */
const policiesOf = ({ policies, keys }: Snapshot, { organisations, teams }: ConfiguredHolders): SupplyPolicies => {
  const byName = new Map([...keys.values()].map(({ key, policy }) => [key, policy ?? null]));
  return {
    of: (model, { organisation, team, key }) =>
      policies.of(model, {
        organisation: teams.get(team ?? '')?.organisation ?? organisation ?? '',
        team: team ?? '',
        policy: key === null ? null : (byName.get(key) ?? null),
      }),
    hasTeam: (team) => teams.has(team),
    hasKey: (key) => byName.has(key),
    organisations: saying(organisations),
    teams: saying(teams),
    keys: [...byName].flatMap(([name, policy]) => (policy === null ? [] : [name])),
  };
};

/** What drills lose a part of: everything that requests can go to now. */
export const supplyOf = (
  snapshot: Snapshot,
  configuration: Configured & ConfiguredHolders,
  burstCapacity: BurstCapacity,
): Supply => {
  const chain = chainsOf(configuration);
  const groups = new Map(configuration.providers.map(({ name, group }) => [name, group]));
  const models = new Map<string, SupplyTarget[]>();
  const add = (model: LogicalModel, isPassed: boolean): void => {
    const targets = model.deployments.map((deployment) => {
      const { provider } = deployment.target;
      return targetOf(model, deployment, groups.get(provider) ?? provider, chain(provider), isPassed);
    });
    // What is handed on may count as a model that has targets of its own.
    models.set(model.name, [...(models.get(model.name) ?? []), ...targets]);
  };
  for (const model of snapshot.models.values()) add(model, false);
  for (const { rules } of snapshot.passthrough.values()) for (const { model } of rules) add(model, true);
  return {
    models,
    caps: snapshot.caps,
    forecastUsd: snapshot.forecastUsd,
    dropped: snapshot.lacking.dropped,
    burstCapacity,
    policies: policiesOf(snapshot, configuration),
  };
};
