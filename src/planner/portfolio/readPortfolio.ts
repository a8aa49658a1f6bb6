import { z } from 'zod';
import { readConfiguration, readConfigurationFile } from '../../config/index.ts';
import type {
  CheckFindings,
  ConfigurationFault,
  ConfigurationGrammar,
  ConfigurationPath,
  ConfigurationReading,
} from '../../config/index.ts';
import { failure, success } from '../../kernel/index.ts';
import type { Result } from '../../kernel/index.ts';
import { checkContracts } from './checkContracts.ts';
import { checkOffers } from './checkOffers.ts';
import { checkHorizon, checkOutlook } from './checkOutlook.ts';
import { checkPolicy } from './checkPolicy.ts';
import { checkSupply } from './checkSupply.ts';
import { monthsUntil } from './calendarMonths.ts';
import { portfolioLimits } from './limits.ts';
import type { ClassDemand, MonthlySeries, Portfolio, PortfolioClass } from './Portfolio.ts';
import { PortfolioFindings } from './PortfolioFindings.ts';
import { readSeries } from './readSeries.ts';
import { portfolioSchema, type SeriesSource, type WrittenPortfolio } from './schema.ts';
import type { ReadShared, SharedConfiguration } from './SharedConfiguration.ts';
import { takeOver } from './takeOver.ts';
import { timelineOf, type Timeline } from './timelineOf.ts';

/** A portfolio that may be planned. */
export interface PortfolioReading {
  readonly portfolio: Portfolio;
  /** SHA-256 of the file's bytes in hexadecimal. */
  readonly hash: string;
  /** The file that contracts and policy were taken over from. */
  readonly from: Pick<SharedConfiguration, 'file' | 'hash'> | null;
  readonly warnings: readonly ConfigurationFault[];
}

export type PortfolioResult = Result<PortfolioReading, readonly ConfigurationFault[]>;

/** Reads a CSV that the file refers to, by the path as it is written there; throws where it cannot. */
export type ReadText = (path: string) => string;

const noFiles: ReadText = () => {
  throw new Error('no file can be read here');
};

/** Series of the classes' demand by class, as they are found while the file is checked. */
type FoundSeries = Map<string, Pick<ClassDemand, 'series' | 'history'>>;

const resolve = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  source: SeriesSource | null,
  name: string,
  readText: ReadText,
): MonthlySeries | null => {
  if (source === null) return null;
  if (source.kind === 'inline') return source;
  let text: string;
  try {
    text = readText(source.path);
  } catch {
    findings.fault(
      path,
      'this CSV cannot be read',
      'check its name and permissions; paths begin where the program runs',
    );
    return null;
  }
  const series = readSeries(text, source.column ?? name);
  if (series.ok) return series.value;
  findings.fault(path, ...series.fault);
  return null;
};

/** A series must reach from the first to the last month of the horizon; what lies around it in a CSV is left out. */
const withinHorizon = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  series: MonthlySeries | null,
  portfolio: WrittenPortfolio,
): MonthlySeries | null => {
  if (series === null) return null;
  const { from, months } = timelineOf(portfolio);
  const first = series.from === null ? 0 : monthsUntil(series.from, from);
  const monthly = first < 0 ? [] : series.monthly.slice(first, first + months);
  if (monthly.length === months) return { from, monthly };
  findings.fault(path, `it does not tell all ${months} months of the horizon`, `give ${months} months from ${from} on`);
  return null;
};

const checkHistory = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  history: MonthlySeries | null,
  { from, months }: Timeline,
): void => {
  if (history === null || history.from === null) return;
  const gap = monthsUntil(history.from, from) - history.monthly.length;
  if (!history.from.endsWith('-01'))
    findings.fault(path, 'a history begins on the first of a month', 'write the first of its first month');
  else if (gap < 0)
    findings.fault(path, 'a history that goes on within the horizon', 'end it before the horizon begins');
  else if (gap + months > portfolioLimits.horizonMonths)
    findings.fault(path, `it ends ${gap} months before the horizon begins`, 'write what was used since, or a start');
};

const findSeries = (
  findings: PortfolioFindings,
  portfolio: WrittenPortfolio,
  readText: ReadText,
  found: FoundSeries,
): void => {
  for (const [name, { demand }] of portfolio.classes) {
    const path = ['classes', name, 'demand'];
    const series = resolve(findings, [...path, 'series'], demand.series, name, readText);
    const history = resolve(findings, [...path, 'history'], demand.history, name, readText);
    checkHistory(findings, [...path, 'history'], history, timelineOf(portfolio));
    found.set(name, { series: withinHorizon(findings, [...path, 'series'], series, portfolio), history });
  }
};

/** Checks in the order in which one mistake explains another: an impossible horizon first, policies last. */
const check = (portfolio: WrittenPortfolio, readText: ReadText, found: FoundSeries): PortfolioFindings => {
  const findings = new PortfolioFindings();
  checkHorizon(findings, portfolio);
  if (findings.faults.length > 0) return findings;
  checkSupply(findings, portfolio);
  checkOutlook(findings, portfolio);
  findSeries(findings, portfolio, readText, found);
  checkOffers(findings, portfolio);
  checkContracts(findings, portfolio);
  if (findings.faults.length === 0) checkPolicy(findings, portfolio);
  return findings;
};

/** What a portfolio is read with. Everything comes in: this room opens no file. */
export interface PortfolioReaders {
  readonly readText: ReadText;
  /** Null where no other file can be taken over from. */
  readonly readShared: ReadShared | null;
}

/** One reading: what is found beside the file while it is checked. */
class PortfolioReader {
  readonly #readers: PortfolioReaders;
  readonly #series: FoundSeries = new Map();
  /** With what it takes over. */
  #whole: WrittenPortfolio | null = null;
  #shared: SharedConfiguration | null = null;
  /** About the other file; those of a file that is no configuration at all have their places already. */
  #sharedFindings: CheckFindings = new PortfolioFindings();
  #sharedFaults: readonly ConfigurationFault[] = [];

  constructor(readers: PortfolioReaders) {
    this.#readers = readers;
  }

  readonly grammar: ConfigurationGrammar<WrittenPortfolio> = {
    schema: portfolioSchema,
    check: (portfolio) => this.#check(portfolio),
  };

  result(reading: Result<ConfigurationReading<WrittenPortfolio>, readonly ConfigurationFault[]>): PortfolioResult {
    const there = this.#placed();
    const faults = [...(reading.ok ? [] : reading.fault), ...this.#sharedFaults, ...(there.ok ? [] : there.fault)];
    if (!reading.ok || faults.length > 0) return failure(faults);
    const { value, hash, warnings } = reading.value;
    return success({
      portfolio: withSeries(this.#whole ?? value, this.#series),
      hash,
      from: this.#shared && { file: this.#shared.file, hash: this.#shared.hash },
      warnings: [...warnings, ...(there.ok ? there.value : [])],
    });
  }

  #check(portfolio: WrittenPortfolio): CheckFindings {
    const findings = new PortfolioFindings();
    const shared = portfolio.from === null ? null : this.#read(findings, portfolio.from);
    if (findings.faults.length > 0 || this.#sharedFaults.length > 0) return findings;
    this.#shared = shared;
    const taken = shared === null ? null : takeOver(portfolio, shared);
    this.#whole = taken?.portfolio ?? portfolio;
    const found = check(this.#whole, this.#readers.readText, this.#series);
    if (taken === null) return found;
    const { own, shared: there } = taken.part(found);
    this.#sharedFindings = joined(taken.shared, there);
    return joined(taken.own, own);
  }

  #read(findings: PortfolioFindings, path: string): SharedConfiguration | null {
    try {
      const reading = this.#readers.readShared?.(path);
      if (reading === undefined) findings.fault(['from'], 'no other file can be read here', 'leave "from" out');
      else if (reading.ok) return reading.value;
      else this.#sharedFaults = reading.fault;
    } catch {
      findings.fault(
        ['from'],
        'this file cannot be read',
        'check its name and permissions; unless absolute, it is looked for beside the portfolio',
      );
    }
    return null;
  }

  /** Findings about the other file with their lines; the successful half are its warnings. */
  #placed(): Result<readonly ConfigurationFault[], readonly ConfigurationFault[]> {
    if (this.#shared === null) return success([]);
    const { text, file } = this.#shared;
    const reading = readConfiguration({ text, file, schema: z.unknown(), check: () => this.#sharedFindings });
    return reading.ok ? success(reading.value.warnings) : reading;
  }
}

const joined = (one: CheckFindings, other: CheckFindings): CheckFindings => ({
  faults: [...one.faults, ...other.faults],
  warnings: [...one.warnings, ...other.warnings],
});

const withSeries = (written: WrittenPortfolio, found: FoundSeries): Portfolio => ({
  ...written,
  classes: new Map(
    [...written.classes].map(([name, item]): readonly [string, PortfolioClass] => {
      const { series = null, history = null } = found.get(name) ?? {};
      return [name, { ...item, demand: { ...item.demand, series, history } }];
    }),
  ),
});

/**
 * Reads a portfolio from its text: whole, or every fault with its file and line. Pure but for the files beside it, which are handed in.
 */
export const readPortfolio = (
  text: string,
  fileName: string,
  readText: ReadText = noFiles,
  readShared: ReadShared | null = null,
): PortfolioResult => {
  const reader = new PortfolioReader({ readText, readShared });
  return reader.result(readConfiguration({ text, file: fileName, ...reader.grammar }));
};

/** The same from a file of the disk. */
export const readPortfolioFile = async (
  path: string,
  readText: ReadText,
  readShared: ReadShared | null = null,
): Promise<PortfolioResult> => {
  const reader = new PortfolioReader({ readText, readShared });
  return reader.result(await readConfigurationFile(path, reader.grammar));
};
