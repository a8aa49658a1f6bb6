import type { CheckFindings, ConfigurationPath, PathFault } from '../../config/index.ts';
import type { HostShare } from '../../vocabulary/index.ts';
import { PortfolioFindings } from './PortfolioFindings.ts';
import type { PortfolioVendor, SignedContract, WrittenPortfolio } from './schema.ts';
import { contradiction, sharedContract } from './sharedContract.ts';
import type { SharedConfiguration, SharedPieces, SharedPlace, SharedProvider } from './SharedConfiguration.ts';

/** Something of the portfolio that stands in the other file. */
interface Origin {
  readonly path: ConfigurationPath;
  readonly there: ConfigurationPath;
}

/** A portfolio with what it takes over, and what was found on the way. */
export interface TakenOver {
  readonly portfolio: WrittenPortfolio;
  /** With places in the portfolio's own file. */
  readonly own: PortfolioFindings;
  /** With places in the other file. */
  readonly shared: PortfolioFindings;
  /** Parts findings about the whole by the file that they are about. */
  readonly part: (findings: CheckFindings) => { readonly own: CheckFindings; readonly shared: CheckFindings };
}

type Policy = WrittenPortfolio['policy'];

const capKinds = ['vendor', 'host', 'jurisdiction', 'lab'] as const;

const policyOf = (
  { concentration, resilience, ...rest }: Policy,
  { policy }: SharedPieces,
  origins: Origin[],
): Policy => {
  const caps = { ...concentration };
  for (const kind of capKinds) {
    if (caps[kind] !== null || policy.concentration[kind] === null) continue;
    caps[kind] = policy.concentration[kind];
    const path = ['policy', 'concentration', kind];
    origins.push({ path, there: path });
  }
  if (resilience !== null || policy.resilience === null) return { ...rest, concentration: caps, resilience };
  origins.push({ path: ['policy', 'resilience'], there: ['policy', 'resilience'] });
  return {
    ...rest,
    concentration: caps,
    resilience: {
      losses: ['vendor'],
      servedShare: policy.resilience.servedShare,
      demandQuantile: { numerator: 75n, denominator: 100n },
    },
  };
};

const contractsOf = (
  portfolio: WrittenPortfolio,
  { pieces, file }: SharedConfiguration,
  findings: { readonly own: PortfolioFindings; readonly shared: PortfolioFindings },
  origins: Origin[],
): SignedContract[] => {
  const all = [...portfolio.contracts];
  let isOtherCurrency = false;
  for (const [index, shared] of pieces.contracts.entries()) {
    const known = portfolio.contracts.findIndex(({ id }) => id === shared.id);
    const own = portfolio.contracts[known];
    if (own !== undefined) {
      const field = contradiction(portfolio.currency, own, shared);
      if (field !== null)
        findings.own.fault(
          ['contracts', known, field],
          `it says otherwise than the contract of this id in ${file}`,
          `one paper has one ${field}: mend one of the two, or give this contract an id of its own`,
        );
      continue;
    }
    const contract = sharedContract({ portfolio, pieces, findings: findings.shared }, shared, ['contracts', index]);
    if (contract === null) continue;
    // Asked last: what the plan leaves out anyway need not be written there.
    if (portfolio.currency !== 'USD') {
      isOtherCurrency = true;
      continue;
    }
    origins.push({ path: ['contracts', all.length], there: ['contracts', index] });
    all.push(contract);
  }
  if (isOtherCurrency)
    findings.own.fault(
      ['from'],
      `contracts of ${file} are in US dollars, this portfolio is in ${portfolio.currency}`,
      `write them here in ${portfolio.currency}, each with its id, or plan in USD`,
    );
  return all;
};

const pathOf = ({ group, member }: SharedProvider): ConfigurationPath =>
  member === null ? ['providers', group] : ['providers', group, member];

const hostsText = (hosts: readonly HostShare[]): string =>
  JSON.stringify(
    hosts.map(({ name, share }) => [name, share === null ? null : Number(share.numerator) / Number(share.denominator)]),
  );

/** What all places tell alike, with the first of them; null where they differ or there is none. */
const agreed = <Place extends SharedPlace>(
  places: readonly Place[],
  textOf: (place: Place) => string,
): Place | null => {
  const [first] = places;
  return first !== undefined && places.every((place) => textOf(place) === textOf(first)) ? first : null;
};

const vendorOf = (
  name: string,
  vendor: PortfolioVendor,
  { providers, sites }: SharedPieces,
  origins: Origin[],
): PortfolioVendor => {
  const endpoints = providers.filter((provider) => provider.vendor === name);
  const places: readonly (SharedPlace & { readonly at: ConfigurationPath })[] = [
    ...endpoints.map((provider) => ({ ...provider, at: pathOf(provider) })),
    ...[...sites].flatMap(([site, place]) => (place.vendor === name ? [{ ...place, at: ['sites', site] }] : [])),
  ];
  const hosts = agreed(places, ({ host }) => hostsText(host));
  const law = agreed(places, ({ jurisdiction }) => jurisdiction ?? '');
  const needs = agreed(endpoints, ({ dependsOn }) => JSON.stringify(dependsOn));
  const isHostTaken = vendor.host.length === 0 && hosts !== null;
  if (isHostTaken) origins.push({ path: ['vendors', name, 'host'], there: [...hosts.at, 'host'] });
  return {
    ...vendor,
    host: isHostTaken ? [...hosts.host] : vendor.host,
    jurisdiction: vendor.jurisdiction ?? law?.jurisdiction ?? null,
    dependsOn: vendor.dependsOn.length === 0 && needs !== null ? [...needs.dependsOn] : vendor.dependsOn,
  };
};

/** The lab of the model that a class is called after, where all of a vendor's deployments of it agree. */
const labOf = ({ models, providers }: SharedPieces, vendor: string, name: string): string | null => {
  const labs = (models.get(name)?.deployments ?? [])
    .filter(({ provider }) =>
      providers.some((one) => one.vendor === vendor && (one.name === provider || one.group === provider)),
    )
    .map(({ lab }) => lab);
  return labs.every((lab) => lab === labs[0]) ? (labs[0] ?? null) : null;
};

const startsWith = (path: ConfigurationPath, prefix: ConfigurationPath): boolean =>
  prefix.every((step, index) => path[index] === step);

const parted = (origins: readonly Origin[], faults: readonly PathFault[]) => {
  const own: PathFault[] = [];
  const shared: PathFault[] = [];
  for (const fault of faults) {
    const origin = origins.find(({ path }) => startsWith(fault.path, path));
    if (origin === undefined) own.push(fault);
    else shared.push({ ...fault, path: [...origin.there, ...fault.path.slice(origin.path.length)] });
  }
  return { own, shared };
};

/**
 * A portfolio with what it takes over from an `archipel.yaml`: contracts, caps and what must survive an outage, where vendors run and whose models they
 * sell. What the portfolio states itself wins, a contract by its id, a cap by its kind, an outage rule as a whole; only that one paper has two vendors,
 * kinds, periods or amounts is a fault.
 */
export const takeOver = (portfolio: WrittenPortfolio, configuration: SharedConfiguration): TakenOver => {
  const { pieces } = configuration;
  const [own, shared] = [new PortfolioFindings(), new PortfolioFindings()];
  const origins: Origin[] = [];
  const whole: WrittenPortfolio = {
    ...portfolio,
    vendors: new Map([...portfolio.vendors].map(([name, vendor]) => [name, vendorOf(name, vendor, pieces, origins)])),
    sources: portfolio.sources.map((source) => ({
      ...source,
      lab: source.lab ?? labOf(pieces, source.vendor, source.class),
    })),
    contracts: contractsOf(portfolio, configuration, { own, shared }, origins),
    policy: policyOf(portfolio.policy, pieces, origins),
  };
  if ((pieces.policy.resilience?.lostVendors ?? 1) > 1 && portfolio.policy.resilience === null)
    shared.warn(
      ['policy', 'resilience', 'lostVendors'],
      'a plan is made for the loss of one vendor at a time',
      'write in the portfolio what it must survive',
    );
  return {
    portfolio: whole,
    own,
    shared,
    part: ({ faults, warnings }) => {
      const [faulty, warned] = [parted(origins, faults), parted(origins, warnings)];
      return {
        own: { faults: faulty.own, warnings: warned.own },
        shared: { faults: faulty.shared, warnings: warned.shared },
      };
    },
  };
};
