import type { ConfigurationPath } from '../../config/index.ts';
import { cutsAcross } from './accountsOf.ts';
import { addMonths, monthsUntil } from './calendarMonths.ts';
import { choiceCount, firstNotAscending, offerName, stepsOf } from './choicesOf.ts';
import { isLess, sumOf } from './floatOf.ts';
import { portfolioLimits } from './limits.ts';
import type { PortfolioFindings } from './PortfolioFindings.ts';
import type { CapacityOfferTerms, Offer, OfferTerm, QuantityUnit, WrittenPortfolio } from './schema.ts';
import { beginningsOf, earliestStart, gridMonths, termMonths, timelineOf, type Timeline } from './timelineOf.ts';
import { coveredSources, sourceName } from './waysOf.ts';

const whole = { numerator: 1n, denominator: 1n };

/** Whether names of what an offer or contract covers are sources or classes of its vendor. */
export const checkCovers = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  portfolio: WrittenPortfolio,
  { vendor, covers }: { readonly vendor: string; readonly covers: readonly string[] },
): void => {
  if (!findings.isKnown([...path, 'vendor'], vendor, 'vendor', portfolio.vendors.keys())) return;
  const own = portfolio.sources.filter((source) => source.vendor === vendor);
  const names = new Set(own.flatMap((source) => [source.class, sourceName(source)]));
  if (own.length === 0)
    findings.fault([...path, 'vendor'], 'a vendor without a source', 'say in "sources" what it sells');
  else
    for (const [index, name] of covers.entries())
      findings.isKnown([...path, 'covers', index], name, `class or source of ${vendor}`, names);
};

/** Whether a quantity's unit can be told for what it covers. */
export const checkUnit = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  portfolio: WrittenPortfolio,
  offer: { readonly vendor: string; readonly covers: readonly string[]; readonly unit: QuantityUnit },
): void => {
  const { unit } = offer;
  const needed = unit.kind === 'accelerators' ? 'gpuHour' : unit.kind === 'tokensPerMinute' ? 'MTok' : null;
  if (needed === null) return;
  const fits = coveredSources(portfolio, offer).every(
    (index) => portfolio.classes.get(portfolio.sources[index]?.class ?? '')?.unit === needed,
  );
  if (!fits)
    findings.fault(
      path,
      `${unit.kind} measure classes of ${needed === 'MTok' ? 'tokens' : 'accelerator hours'} only`,
      needed === 'MTok'
        ? 'name them in "covers", or write unit: accelerators'
        : 'name them in "covers", or write another unit',
    );
};

const checkTerm = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  timeline: Timeline,
  offer: Offer,
  { months, ramp, extraDiscount }: OfferTerm,
): void => {
  const grid = gridMonths(timeline, offer.kind);
  if (months > timeline.months)
    findings.fault(
      path,
      `a term longer than the horizon of ${timeline.months} months`,
      'plan more periods, or leave it out',
    );
  else if (months % grid !== 0)
    findings.fault(
      path,
      `a term that is no multiple of ${grid} months`,
      offer.kind === 'pool'
        ? 'write whole periods, or a shorter periodMonths'
        : 'write more horizon.segments, or leave them out',
    );
  else if (offer.kind === 'pool' && ramp.length > 0 && ramp.length !== months / timeline.periodMonths)
    findings.fault(
      path,
      `a ramp of ${ramp.length} factors for ${months / timeline.periodMonths} periods`,
      'write one for each period',
    );
  if (offer.kind !== 'pool' && ramp.length > 0)
    findings.fault(path, 'a ramp on something that is no pool', 'leave the ramp out, or offer several terms');
  const largest = [offer.discount, ...offer.sizes.flatMap(({ discount }) => (discount === null ? [] : [discount]))];
  if (largest.some((discount) => !isLess(sumOf([discount, extraDiscount]), whole)))
    findings.fault(path, 'discounts that add up to 1 or more', 'write an extraDiscount that leaves something to pay');
};

const checkStart = (
  findings: PortfolioFindings,
  path: ConfigurationPath,
  timeline: Timeline,
  offer: Offer,
  start: string,
): void => {
  const month = monthsUntil(timeline.from, start);
  const grid = gridMonths(timeline, offer.kind);
  const last = addMonths(timeline.from, timeline.months);
  if (month < 0 || month >= timeline.months)
    findings.fault(
      path,
      `a beginning outside the horizon (${timeline.from} to before ${last})`,
      'write a day within it',
    );
  else if (month % grid !== 0)
    findings.fault(
      path,
      `nothing of this kind begins between ${grid} months`,
      `write ${addMonths(timeline.from, Math.floor(month / grid) * grid)} or ${addMonths(timeline.from, (Math.floor(month / grid) + 1) * grid)}`,
    );
  else if (start < earliestStart(timeline, offer))
    findings.fault(
      path,
      'it cannot be signed in time',
      `begin on ${earliestStart(timeline, offer)} or later: ${offer.leadTimeDays} days after ${timeline.signFrom}`,
    );
  else if (termMonths(timeline, offer).every((months) => month + months > timeline.months))
    findings.fault(path, 'no term that begins then ends within the horizon', 'begin earlier, or plan more periods');
};

const checkTimes = (findings: PortfolioFindings, path: ConfigurationPath, timeline: Timeline, offer: Offer): void => {
  const before = findings.faults.length;
  for (const [index, term] of offer.terms.entries())
    checkTerm(findings, [...path, 'terms', index], timeline, offer, term);
  for (const [index, start] of offer.starts.entries())
    checkStart(findings, [...path, 'starts', index], timeline, offer, start);
  if (findings.faults.length > before) return;
  if (termMonths(timeline, offer).some((months) => beginningsOf(timeline, offer, months).length > 0)) return;
  const inTime = offer.leadTimeDays === 0 && timeline.signFrom === timeline.from;
  findings.fault(
    inTime ? path : [...path, 'leadTimeDays'],
    inTime ? 'no term of it fits into the horizon' : 'it cannot be signed in time to fit into the horizon',
    'plan more periods, shorten its terms, or leave it out',
  );
};

const checkQuantities = (findings: PortfolioFindings, path: ConfigurationPath, offer: CapacityOfferTerms): void => {
  const { sizes, range } = offer;
  if (sizes.length > 0 === (range !== null))
    findings.fault(
      path,
      'an offer of capacity has either sizes or a range',
      'write sizes: [...], or range: { max, step }',
    );
  if (range === null || range.step === null) return;
  if (isLess(range.max, range.step))
    findings.fault(
      [...path, 'range', 'step'],
      'a step larger than the most that can be signed',
      'write a smaller step',
    );
  else if (stepsOf(range.max, range.step) > BigInt(portfolioLimits.rangeSteps))
    findings.fault([...path, 'range', 'step'], `more than ${portfolioLimits.rangeSteps} steps`, 'leave the step out');
};

const checkOffer = (
  findings: PortfolioFindings,
  portfolio: WrittenPortfolio,
  timeline: Timeline,
  index: number,
): void => {
  const offer = portfolio.offers[index];
  if (offer === undefined) return;
  const path = ['offers', index] as const;
  checkCovers(findings, path, portfolio, offer);
  findings.ownCurrency(path, offer.currency, portfolio.currency);
  checkTimes(findings, path, timeline, offer);
  const unsorted = firstNotAscending(offer.sizes);
  if (unsorted >= 0)
    findings.fault([...path, 'sizes', unsorted], 'sizes that do not rise', 'write the smallest first, each once');
  if (offer.kind === 'pool') {
    if (cutsAcross(portfolio, offer))
      findings.fault(
        path,
        'it covers a part of what another pool covers',
        'let pools cover the same, or nothing in common',
      );
    return;
  }
  checkQuantities(findings, path, offer);
  checkUnit(findings, [...path, 'unit'], portfolio, offer);
};

/** Says of what could be signed whether it can be. */
export const checkOffers = (findings: PortfolioFindings, portfolio: WrittenPortfolio): void => {
  const timeline = timelineOf(portfolio);
  const { offers } = portfolio;
  for (const index of offers.keys()) checkOffer(findings, portfolio, timeline, index);
  findings.areDistinct(offers.map(offerName), (index) => ['offers', index], 'offer');
  const choices = offers.reduce((sum, offer) => sum + choiceCount(timeline, offer), 0);
  if (findings.faults.length === 0 && choices > portfolioLimits.choices)
    findings.fault(
      ['offers'],
      `${choices} things to decide, more than ${portfolioLimits.choices}`,
      'name fewer sizes, terms or beginnings',
    );
};
