import { dependsOnOf, type BurstCapacity, type Needing, type Supply, type SupplyTarget } from '../../drills/index.ts';
import { deploymentsFor, type Deployment, type LogicalModel, type Snapshot } from '../../gateway/index.ts';
import type { HostShare } from '../../vocabulary/index.ts';
import { clientWires } from '../../wire/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';

type Configured = Pick<ArchipelConfiguration, 'providers' | 'sites'>;

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

const targetOf = (
  model: LogicalModel,
  deployment: Deployment,
  group: string,
  dependsOn: readonly string[],
): SupplyTarget => {
  const { target, credential, quotaDomain, vendor, hosts, jurisdiction, lab, capabilities, rates } = deployment;
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
    lacks: capabilities.lacks,
    contextTokens: capabilities.contextTokens,
    rates,
    serves: (wire, operation) => {
      // What is handed on as it is has the one target of its rule.
      if (operation === 'passthrough') return true;
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

/** What drills lose a part of: everything that requests can go to now. */
export const supplyOf = (snapshot: Snapshot, configuration: Configured, burstCapacity: BurstCapacity): Supply => {
  const chain = chainsOf(configuration);
  const groups = new Map(configuration.providers.map(({ name, group }) => [name, group]));
  const passed = [...snapshot.passthrough.values()].flatMap(({ rules }) => rules.map(({ model }) => model));
  const models = [...snapshot.models.values(), ...passed].map((model) => {
    const targets = model.deployments.map((deployment) => {
      const { provider } = deployment.target;
      return targetOf(model, deployment, groups.get(provider) ?? provider, chain(provider));
    });
    return [model.name, targets] as const;
  });
  return {
    models: new Map(models),
    caps: snapshot.caps,
    forecastUsd: snapshot.forecastUsd,
    dropped: snapshot.lacking.dropped,
    burstCapacity,
  };
};
