import type { HostShare } from '../../vocabulary/index.ts';
import type { ConfigurationPath } from '../../config/index.ts';
import { isLess, isOne, isPositive, sumOf } from './floatOf.ts';
import type { PortfolioFindings } from './PortfolioFindings.ts';
import type { PortfolioSource, WrittenClass, WrittenPortfolio } from './schema.ts';
import { meetsQuality, sourceName, unitPrice, waysOf } from './waysOf.ts';
import { portfolioLimits } from './limits.ts';

const one = { numerator: 1n, denominator: 1n };

const checkHosts = (findings: PortfolioFindings, path: ConfigurationPath, hosts: readonly HostShare[]): void => {
  const sum = sumOf(hosts.flatMap(({ share }) => (share === null ? [] : [share])));
  if (isLess(one, sum)) findings.fault(path, 'the shares of the hosts add up to more than 1', 'make them add up to 1');
  if (hosts.length > 0 && hosts.every(({ share }) => share !== null) && !isOne(sum) && isLess(sum, one))
    findings.warn(
      path,
      'the shares of the hosts add up to less than 1',
      'say where the rest runs, or write share: unknown',
    );
  if (new Set(hosts.map(({ name }) => name)).size < hosts.length)
    findings.fault(path, 'a host that is named twice', 'name each host once');
};

const checkVendors = (findings: PortfolioFindings, { vendors, sources }: WrittenPortfolio): void => {
  if (vendors.size > portfolioLimits.vendors)
    findings.fault(['vendors'], `more than ${portfolioLimits.vendors} vendors`, 'leave out who is never signed with');
  for (const [name, { host }] of vendors) {
    checkHosts(findings, ['vendors', name, 'host'], host);
    if (!sources.some(({ vendor }) => vendor === name))
      findings.warn(['vendors', name], 'a vendor without a source', 'say in "sources" what it sells, or leave it out');
  }
};

/** Whether a source's price is in a form that its class can be measured in; says what is wrong. */
const checkPrice = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  { price }: PortfolioSource,
  { unit }: WrittenClass,
): void => {
  const parts = [price.inputPerMTok, price.outputPerMTok];
  const perToken = price.perMTok !== null || parts.some((part) => part !== null);
  if (unit === 'gpuHour') {
    if (price.perGpuHour === null || perToken)
      findings.fault(
        path,
        'a class of accelerator hours has a price per GPU-hour',
        'write price: { perGpuHour: "..." }',
      );
    return;
  }
  const whole = parts.every((part) => part !== null);
  const forms = Number(price.perMTok !== null) + Number(parts.some((part) => part !== null));
  if (price.perGpuHour !== null || forms !== 1 || (price.perMTok === null && !whole))
    findings.fault(
      path,
      'a class of tokens has a price per million tokens',
      'write price: { inputPerMTok: "...", outputPerMTok: "..." } or { perMTok: "..." }',
    );
};

const checkSource = (findings: PortfolioFindings, portfolio: WrittenPortfolio, index: number): void => {
  const source = portfolio.sources[index];
  if (source === undefined) return;
  const path = ['sources', index] as const;
  findings.isKnown([...path, 'vendor'], source.vendor, 'vendor', portfolio.vendors.keys());
  findings.ownCurrency(path, source.currency, portfolio.currency);
  if (source.host !== null) checkHosts(findings, [...path, 'host'], source.host);
  if (!findings.isKnown([...path, 'class'], source.class, 'class', portfolio.classes.keys())) return;
  const served = portfolio.classes.get(source.class);
  if (served === undefined) return;
  checkPrice(findings, [...path, 'price'], source, served);
  const price = unitPrice(source, served);
  if (price !== null && !isPositive(price))
    findings.fault(
      [...path, 'price'],
      'a price of 0',
      'write what it costs, if only a little: what is free needs no plan',
    );
  if (!meetsQuality(source, served))
    findings.warn(
      [...path, 'quality'],
      'not good enough for its class: it serves nothing',
      'lower the quality floor of the class, or leave it out',
    );
};

const checkSubstitutes = (findings: PortfolioFindings, { classes }: WrittenPortfolio, name: string): void => {
  const own = classes.get(name);
  for (const [index, substitute] of (own?.substitutes ?? []).entries()) {
    const path = ['classes', name, 'substitutes', index];
    if (substitute.class === name) {
      findings.fault(path, 'a class that is its own substitute', 'name another class');
      continue;
    }
    if (!findings.isKnown(path, substitute.class, 'class', classes.keys())) continue;
    if (classes.get(substitute.class)?.unit !== own?.unit)
      findings.fault(path, 'a substitute that is measured in another unit', 'name a class of the same unit');
  }
};

/** Says of what serves what whether it fits together: vendors, classes and sources. */
export const checkSupply = (findings: PortfolioFindings, portfolio: WrittenPortfolio): void => {
  const { classes, sources } = portfolio;
  checkVendors(findings, portfolio);
  if (classes.size > portfolioLimits.classes)
    findings.fault(
      ['classes'],
      `more than ${portfolioLimits.classes} classes`,
      'put together what the same sources serve',
    );
  if (classes.size === 0)
    findings.fault(['classes'], 'a portfolio without a class', 'name the work that is to be served');
  for (const index of sources.keys()) checkSource(findings, portfolio, index);
  findings.areDistinct(sources.map(sourceName), (index) => ['sources', index], 'source');
  for (const name of classes.keys()) checkSubstitutes(findings, portfolio, name);
  const ways = waysOf(portfolio);
  if (ways.length > portfolioLimits.sources)
    findings.fault(
      ['sources'],
      `more than ${portfolioLimits.sources} ways to serve the classes`,
      'leave out substitutes',
    );
  for (const name of classes.keys())
    if (!ways.some((way) => way.class === name))
      findings.fault(
        ['classes', name],
        'a class that nobody can serve',
        'add a source for it that is good enough, or a substitute that has one',
      );
};
