import type { ConfigurationPath } from '../../config/index.ts';
import type { Ratio } from '../../kernel/index.ts';
import { addMonths, isFirstOfMonth } from './calendarMonths.ts';
import { isLess, isOne, sumOf } from './floatOf.ts';
import { portfolioLimits } from './limits.ts';
import type { PortfolioFindings } from './PortfolioFindings.ts';
import type { WrittenPortfolio } from './schema.ts';

const checkProbabilities = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  outlooks: readonly { readonly probability: Ratio }[],
): void => {
  if (outlooks.length > 0 && !isOne(sumOf(outlooks.map(({ probability }) => probability))))
    findings.fault(path, 'the probabilities do not add up to 1', 'make them add up to 1');
};

/** Says whether the horizon is one: whole months from a first of a month, parts of one length. Nothing else makes sense before. */
export const checkHorizon = (findings: PortfolioFindings, { horizon }: WrittenPortfolio): void => {
  const { from, periods, periodMonths, segments, signFrom } = horizon;
  if (!isFirstOfMonth(from))
    findings.fault(['horizon', 'from'], 'a plan begins on the first of a month', `write ${from.slice(0, 8)}01`);
  if (periods * periodMonths > portfolioLimits.horizonMonths)
    findings.fault(['horizon', 'periods'], `more than ${portfolioLimits.horizonMonths} months`, 'plan fewer periods');
  if (segments !== null && periodMonths % segments !== 0)
    findings.fault(
      ['horizon', 'segments'],
      `${segments} parts of ${periodMonths} months are not whole months`,
      'write a divisor',
    );
  if (signFrom !== null && signFrom >= addMonths(`${from.slice(0, 8)}01`, periods * periodMonths))
    findings.fault(['horizon', 'signFrom'], 'nothing can be signed before the horizon ends', 'write an earlier day');
};

const checkPrices = (findings: PortfolioFindings, { prices, vendors, horizon }: WrittenPortfolio): void => {
  checkProbabilities(findings, ['prices'], prices);
  findings.areDistinct(
    prices.map(({ name }) => name),
    (index) => ['prices', index, 'name'],
    'price scenario',
  );
  for (const [index, { index: byVendor }] of prices.entries())
    for (const [vendor, factors] of byVendor) {
      const path = ['prices', index, 'index', vendor];
      findings.isKnown(path, vendor, 'vendor', vendors.keys());
      if (factors.length !== horizon.periods)
        findings.fault(path, `${factors.length} factors for ${horizon.periods} periods`, 'write one for each period');
    }
};

const checkSwitches = (findings: PortfolioFindings, { switches, classes, horizon }: WrittenPortfolio): void => {
  const end = addMonths(horizon.from, horizon.periods * horizon.periodMonths);
  for (const [index, { from, to, share, between }] of switches.entries()) {
    const path = ['switches', index] as const;
    findings.isKnown([...path, 'from'], from, 'class', classes.keys());
    findings.isKnown([...path, 'to'], to, 'class', classes.keys());
    if (from === to) findings.fault([...path, 'to'], 'work that moves to where it is', 'name another class');
    if (isLess(share[1], share[0]))
      findings.fault([...path, 'share'], 'the least is more than the most', 'write [least, most]');
    if (between === null) continue;
    if (between.from < horizon.from || between.until > end)
      findings.fault([...path, 'between'], 'days outside the horizon', `stay from ${horizon.from} to before ${end}`);
    if (!isFirstOfMonth(between.from) || !isFirstOfMonth(between.until))
      findings.fault([...path, 'between'], 'work moves in whole months', 'write firsts of months');
  }
};

const checkDemand = (findings: PortfolioFindings, { classes }: WrittenPortfolio): void => {
  for (const [name, { demand }] of classes) {
    const path = ['classes', name, 'demand'];
    const told = (['start', 'series', 'history'] as const).filter((key) => demand[key] !== null);
    const [first, second] = told;
    if (first === undefined)
      findings.fault(path, 'nothing says how much is asked for', 'write start: units a month, a series, or a history');
    if (second !== undefined)
      findings.fault(
        [...path, second],
        `"${first}" says already how much is asked for`,
        `leave one of ${told.join(' and ')} out`,
      );
    if (first !== undefined && first !== 'start' && demand.seasonality !== null)
      findings.fault([...path, 'seasonality'], `the ${first} has its seasons in it`, 'leave the seasonality out');
  }
};

/** Says of what is expected whether it can be: demand, growth, prices and switches. */
export const checkOutlook = (findings: PortfolioFindings, portfolio: WrittenPortfolio): void => {
  checkDemand(findings, portfolio);
  checkPrices(findings, portfolio);
  checkProbabilities(findings, ['growth'], portfolio.growth);
  findings.areDistinct(
    portfolio.growth.map(({ name }) => name),
    (index) => ['growth', index, 'name'],
    'regime of growth',
  );
  checkSwitches(findings, portfolio);
};
