import type { ConfigurationPath } from '../../config/index.ts';
import type { ContractConfiguration } from '../../contracts/index.ts';
import type { Ratio } from '../../kernel/index.ts';
import { periodYearsMax } from '../../vocabulary/index.ts';
import { modelClass } from '../usage/meterClass.ts';
import { monthsUntil } from './calendarMonths.ts';
import { decimalText, isOne } from './floatOf.ts';
import type { PortfolioFindings } from './PortfolioFindings.ts';
import { contractSchema, type SignedContract, type WrittenPortfolio } from './schema.ts';
import type { SharedPieces } from './SharedConfiguration.ts';
import { sharedRamp } from './sharedRamp.ts';
import { sourceName } from './waysOf.ts';

/** What conversions are told in: the plan's sources, and the models and places of the other file. */
export interface SharedSetting {
  readonly portfolio: WrittenPortfolio;
  readonly pieces: SharedPieces;
  /** Of the other file. */
  readonly findings: PortfolioFindings;
}

type Cover = ContractConfiguration['covers'][number];
type Named = Extract<Cover, { kind: 'provider' }>;

const unitOf = ({ classes, sources }: WrittenPortfolio, source: number): 'MTok' | 'gpuHour' | null =>
  classes.get(sources[source]?.class ?? '')?.unit ?? null;

const sourcesOfUnit = (portfolio: WrittenPortfolio, vendor: string, unit: 'MTok' | 'gpuHour'): readonly number[] =>
  portfolio.sources.flatMap((source, index) =>
    source.vendor === vendor && unitOf(portfolio, index) === unit ? [index] : [],
  );

const groupsOf = ({ providers }: SharedPieces, name: string): readonly string[] =>
  providers.filter((provider) => provider.name === name || provider.group === name).map(({ group }) => group);

/** Whether a contract takes in all that a vendor's endpoints serve. */
const coversAll = ({ providers }: SharedPieces, { vendor, covers }: ContractConfiguration): boolean =>
  providers
    .filter((provider) => provider.vendor === vendor)
    .every((provider) =>
      covers.some(
        (cover) =>
          cover.kind === 'provider' &&
          cover.model === null &&
          (cover.provider === provider.name || cover.provider === provider.group),
      ),
    );

/** Names that a class or source of what a provider serves may have: ours of the model, and the vendor's. */
const namesServed = ({ pieces }: SharedSetting, { provider, model }: Named): ReadonlySet<string> => {
  const groups = groupsOf(pieces, provider);
  const names = new Set<string>();
  for (const [name, { deployments }] of pieces.models)
    for (const deployment of deployments) {
      const isCovered =
        (deployment.provider === provider || groups.includes(deployment.provider)) &&
        (model === null || deployment.model === model);
      if (!isCovered) continue;
      for (const known of [name, deployment.model, `${deployment.provider}/${deployment.model}`])
        names.add(modelClass(known));
    }
  return names;
};

/** Sources of the portfolio that one line of a contract's coverage takes in. */
const sourcesOf = (setting: SharedSetting, contract: ContractConfiguration, cover: Cover): readonly number[] => {
  const { portfolio, pieces } = setting;
  const { vendor } = contract;
  if (cover.kind === 'product') return [];
  if (cover.kind === 'site')
    return pieces.sites.get(cover.site)?.vendor === vendor ? sourcesOfUnit(portfolio, vendor, 'gpuHour') : [];
  const isOwn = pieces.providers.some(
    (provider) => provider.vendor === vendor && (provider.name === cover.provider || provider.group === cover.provider),
  );
  if (!isOwn) return [];
  const tokens = sourcesOfUnit(portfolio, vendor, 'MTok');
  if (cover.model === null && coversAll(pieces, contract)) return tokens;
  const names = namesServed(setting, cover);
  return tokens.filter((index) => {
    const source = portfolio.sources[index];
    return source !== undefined && (names.has(modelClass(source.class)) || names.has(modelClass(sourceName(source))));
  });
};

const coveredBy = (setting: SharedSetting, contract: ContractConfiguration): readonly number[] => [
  ...new Set(contract.covers.flatMap((cover) => sourcesOf(setting, contract, cover))),
];

/** As the portfolio writes it: nothing for all of the vendor's. */
const coversText = ({ sources }: WrittenPortfolio, vendor: string, covered: readonly number[]): readonly string[] =>
  sources.every((source, index) => source.vendor !== vendor || covered.includes(index))
    ? []
    : covered.flatMap((index) => {
        const source = sources[index];
        return source === undefined ? [] : [sourceName(source)];
      });

const nanoPerOne = 1_000_000_000n;
const exact = (nano: bigint): Ratio => ({ numerator: nano, denominator: nanoPerOne });

/** Months of a year's average length that one fee pays for. */
const feeMonths = (
  { period }: ContractConfiguration,
  per: NonNullable<Extract<ContractConfiguration, { kind: 'slot' }>['fee']>['per'],
): Ratio => {
  switch (per) {
    case 'hour':
      return { numerator: 1n, denominator: 730n };
    case 'day':
      return { numerator: 24n, denominator: 730n };
    case 'month':
      return { numerator: 1n, denominator: 1n };
    case 'period': {
      const first = `${period.from.slice(0, 7)}-01`;
      const months = monthsUntil(first, period.until) - monthsUntil(first, period.from);
      return { numerator: BigInt(Math.max(1, Math.round(months * 1_000_000))), denominator: 1_000_000n };
    }
  }
};

const over = (one: Ratio, other: Ratio): Ratio => ({
  numerator: one.numerator * other.denominator,
  denominator: one.denominator * other.numerator,
});

const minutesPerMonth: Ratio = { numerator: 43_800n, denominator: 1n };
const hoursPerMonth: Ratio = { numerator: 730n, denominator: 1n };

/** Dollars of a floor that is counted in them; others are refused before. */
const quantityOf = ({ quantity }: Extract<ContractConfiguration, { kind: 'floor' }>): Ratio =>
  quantity ?? { numerator: 0n, denominator: 1n };

/** What one of the unit costs in a month. A floor without a fee costs what it reserves. */
const feeOf = (contract: Exclude<ContractConfiguration, { kind: 'pool' }>): Ratio => {
  const count: Ratio =
    contract.kind === 'floor' ? quantityOf(contract) : { numerator: BigInt(contract.count), denominator: 1n };
  if (contract.fee !== null) return over(over(exact(contract.fee.usd), feeMonths(contract, contract.fee.per)), count);
  if (contract.kind === 'slot') return { numerator: 0n, denominator: 1n };
  return contract.unit === 'usdPerMinute' ? minutesPerMonth : hoursPerMonth;
};

const writtenOf = (contract: ContractConfiguration, covers: readonly string[]): Readonly<Record<string, unknown>> => {
  const { id, vendor, kind, period } = contract;
  const frame = { id, vendor, kind, covers, period: [period.from, period.until] };
  switch (contract.kind) {
    case 'pool':
      return { ...frame, amount: decimalText(exact(contract.usd)), fulfil: contract.fulfil };
    case 'floor':
      return {
        ...frame,
        unit: contract.unit === 'usdPerMinute' ? 'moneyPerMinute' : 'moneyPerHour',
        quantity: decimalText(quantityOf(contract)),
      };
    case 'slot':
      return { ...frame, unit: 'accelerators', quantity: String(contract.count) };
  }
};

type SharedPool = Extract<ContractConfiguration, { kind: 'pool' }>;

/** A clause that carries until the contract ends does so for longer than any plan. */
const carriedIn = (clause: SharedPool['rollover']): Extract<SignedContract, { kind: 'pool' }>['rollover'] =>
  clause && { ...clause, months: clause.months ?? 12 * periodYearsMax };

/** Terms that text would round, or that the portfolio's form refuses to write. */
const exactTerms = (contract: ContractConfiguration, read: SignedContract): SignedContract => {
  if (contract.kind === 'pool' && read.kind === 'pool')
    return {
      ...read,
      discount: contract.discount,
      ramp: [...(sharedRamp(contract) ?? contract.ramp)],
      shortfall: { rate: contract.shortfall.rate },
      rollover: carriedIn(contract.rollover),
      carryForward: carriedIn(contract.carryForward),
    };
  if (contract.kind === 'pool' || read.kind === 'pool') return read;
  return { ...read, fee: { perMonth: feeOf(contract) } };
};

/** What a plan leaves out of a pool, so that it expects to owe more than will be. */
const tellUnplanned = (findings: PortfolioFindings, pool: SharedPool, path: ConfigurationPath): void => {
  const mend = 'write this contract in the portfolio too, with its id and less to be spent, if it matters';
  if (pool.elsewhere.length > 0)
    findings.warn([...path, 'elsewhere'], 'a plan does not count what is spent elsewhere', mend);
  if (pool.shortfall.grace.numerator > 0n)
    findings.warn(
      [...path, 'shortfall'],
      'a plan counts all that is missing, whatever may be missing for nothing',
      mend,
    );
};

/** Why a contract cannot be taken over, if it cannot. */
const refusal = (
  contract: ContractConfiguration,
  covered: readonly number[],
): readonly [key: string, what: string, mend: string] | null => {
  if (contract.kind === 'pool') {
    const { numerator, denominator } = contract.shortfall.rate;
    if (numerator > denominator)
      return [
        'shortfall',
        'a plan counts at most 1 for what was not spent',
        'write this contract in the portfolio too, with its id and a rate up to 1',
      ];
    if (isOne(contract.discount))
      return [
        'discount',
        'a discount of 1 leaves nothing to pay, and nothing to plan',
        'write this contract in the portfolio too, with its id and a discount below 1',
      ];
    if (contract.milestones.length > 0)
      return [
        'milestones',
        'a plan counts what is due in equal parts of a contract',
        'write this contract in the portfolio too, with its id, a ramp, and a rollover and carryForward of share 1',
      ];
    return sharedRamp(contract) === null
      ? [
          'period',
          'its last true-up comes early, and not after whole months: a plan counts what is due in equal parts of a contract',
          'write this contract in the portfolio too, with its id and a ramp of equal parts, if what is due is not even',
        ]
      : null;
  }
  if (contract.kind === 'floor' && contract.unit !== 'usdPerMinute' && contract.unit !== 'usdPerHour')
    return [
      'unit',
      'a plan has to know what one of the unit serves in a month',
      'write this contract in the portfolio too, with its id and unit: { name, capacityPerMonth }',
    ];
  return covered.length > 1
    ? [
        'covers',
        'signed capacity stands at one source in a plan, and this covers several',
        'write this contract in the portfolio too, with its id and its source in "covers"',
      ]
    : null;
};

/**
 * A contract of the other file in the portfolio's words; null where the plan leaves it out, which is said, or cannot take it over, which is a fault.
 * Discounts of floors are within their fees here, so that they cost what they cost there.
 */
export const sharedContract = (
  setting: SharedSetting,
  contract: ContractConfiguration,
  path: ConfigurationPath,
): SignedContract | null => {
  const { portfolio, findings } = setting;
  const isPlanned =
    portfolio.vendors.has(contract.vendor) && portfolio.sources.some(({ vendor }) => vendor === contract.vendor);
  if (!isPlanned) {
    findings.warn(
      [...path, 'vendor'],
      'the portfolio does not plan this vendor: the contract is left out',
      'name the vendor and its sources there, if it matters',
    );
    return null;
  }
  const covered = coveredBy(setting, contract);
  if (covered.length === 0) {
    findings.warn(
      [...path, 'covers'],
      'it covers no source of the portfolio: the contract is left out',
      "give a class there the name of a model that it covers, or write the contract there too, with its id and the portfolio's own covers",
    );
    return null;
  }
  const refused = refusal(contract, covered);
  if (refused !== null) {
    findings.fault([...path, refused[0]], refused[1], refused[2]);
    return null;
  }
  if (contract.kind === 'pool') tellUnplanned(findings, contract, path);
  const read = contractSchema.safeParse(writtenOf(contract, coversText(portfolio, contract.vendor, covered)));
  if (read.success) return exactTerms(contract, read.data);
  findings.fault(path, 'a contract that cannot be planned: of nothing', 'take it out');
  return null;
};

/**
 * Which terms of one paper two files tell otherwise: who, what, when, how much. How it is planned may differ, and amounts of two currencies are
 * not compared: the other file has US dollars.
 */
export const contradiction = (currency: string, own: SignedContract, shared: ContractConfiguration): string | null => {
  if (own.vendor !== shared.vendor) return 'vendor';
  if (own.kind !== shared.kind) return 'kind';
  if (own.period.from !== shared.period.from || own.period.until !== shared.period.until) return 'period';
  if (own.kind !== 'pool' || shared.kind !== 'pool' || currency !== 'USD') return null;
  const { numerator, denominator } = own.amount;
  return numerator * nanoPerOne === shared.usd * denominator ? null : 'amount';
};
