import type {
  ComparedPlan,
  Comparisons,
  Dependency,
  Estimate,
  Frontier,
  NegotiationSheet,
  OfferSheet,
  OutageCertificate,
  OutOfSample,
  PlanAnswers,
  PolicyViolation,
  RiskFigures,
  ShadowPrice,
  SpreadFigure,
  WalkAway,
} from '../answers/PlanAnswers.ts';
import type { PlanDecision } from '../PlanProblem.ts';
import { committedBy, decisionsJson, keptJson, offeredJson, signingJson } from './decisionsJson.ts';
import { horizonOf } from './horizonOf.ts';
import type {
  CertificateJson,
  ComparedJson,
  ComparisonsJson,
  ConflictingRuleJson,
  DependencyJson,
  EstimateJson,
  FrontierJson,
  NegotiationJson,
  OfferJson,
  OutOfSampleJson,
  PeriodJson,
  PlanDocument,
  RiskJson,
  ShadowPriceJson,
  SpreadJson,
  VendorCostJson,
  ViolationJson,
  WalkAwayJson,
} from './PlanDocument.ts';
import type { ConflictingRule } from '../search/policyConflict.ts';
import type { PlanReport } from './PlanReport.ts';
import { wholeRows } from './wholeRows.ts';

/** A plan and everything that is said of it, by the names and in the currency of the portfolio file. */
export const planJson = (report: PlanReport): PlanDocument => new JsonWriter(report).plan();

/** Leads indices back to names and the problem's money to the currency. */
class JsonWriter {
  readonly #report: PlanReport;
  readonly #periods: readonly PeriodJson[];
  readonly #moneyScale: number;

  constructor(report: PlanReport) {
    this.#report = report;
    this.#periods = horizonOf(report.translation).periods;
    this.#moneyScale = 10 ** report.translation.moneyUnit.exponent;
  }

  plan(): PlanDocument {
    const { translation, result, answers, portfolio } = this.#report;
    const { problem, moneyUnit } = translation;
    const decision = result.incumbent?.decision ?? null;
    const decisions = decision === null ? [] : decisionsJson(translation, portfolio, decision);
    return {
      upperBound: this.#finite(result.upperBound),
      lowerBound: this.#finite(result.lowerBound),
      gap: finite(result.gap),
      cpuSeconds: this.#report.cpuSeconds,
      decisions,
      certificate: this.#certificate(answers?.certificate ?? null),
      outOfSample: this.#outOfSample(answers?.outOfSample ?? null),
      currency: moneyUnit.currency,
      inputs: this.#inputs(),
      search: {
        // A search that was stopped early has found nothing, but nothing in the way either.
        feasible: result.feasible || result.conflict === null,
        interrupted: this.#report.interrupted,
        scenarios: problem.scenarios.length,
        nodes: result.nodes,
        programs: result.programs,
      },
      horizon: horizonOf(translation),
      vendors: [...new Set(problem.accounts.map(({ vendor }) => vendor))],
      classes: problem.classes.map(({ name }) => name),
      risk: problem.risk,
      inSample: result.incumbent === null ? null : this.#risk(result.incumbent.evaluation),
      committed: committedBy(decisions),
      signing: signingJson(decisions, portfolio.horizon.from),
      conflicts: this.#conflicts(),
      kept: keptJson(translation, portfolio),
      outageRule: answers?.certificate ? { met: answers.certificate.met, rule: answers.certificate.rule } : null,
      dependency: this.#dependency(answers?.dependency ?? null),
      comparisons: this.#comparisons(answers?.comparisons ?? null),
      ...this.#variations(answers),
      assumptions: [...translation.assumptions, ...this.#report.assumptions],
    };
  }

  #inputs(): PlanDocument['inputs'] {
    const { file, hash, seed, limits, version, madeAt } = this.#report;
    return { file, sha256: hash, seed, limits: { ...limits }, version, madeAt };
  }

  #variations(answers: PlanAnswers | null): Pick<PlanDocument, 'frontiers' | 'shadowPrices' | 'negotiations'> {
    return {
      frontiers: (answers?.frontiers ?? []).map((frontier) => this.#frontier(frontier)),
      shadowPrices: (answers?.shadowPrices ?? []).map((price) => this.#shadowPrice(price)),
      negotiations: (answers?.negotiations ?? []).map((sheet) => this.#negotiation(sheet)),
    };
  }

  #conflicts(): PlanDocument['conflicts'] {
    const { conflict } = this.#report.result;
    if (conflict === null) return null;
    const told = ({ loss, period, classes, needed, reachable }: ConflictingRule): ConflictingRuleJson => ({
      lost: loss,
      period: this.#period(period),
      classes: classes.map((index) => this.#class(index)),
      reachableShare: needed > 0 ? reachable / needed : 1,
    });
    return { conflict: conflict.conflict.map(told), relaxation: conflict.relaxation.map(told) };
  }

  #money(amount: number): number {
    return amount * this.#moneyScale;
  }

  #finite(amount: number): number | null {
    return finite(this.#money(amount));
  }

  #period(index: number): string {
    return this.#periods[index]?.name ?? '';
  }

  #class(index: number): string {
    return this.#report.translation.problem.classes[index]?.name ?? '';
  }

  #vendor(account: number): string {
    return this.#report.translation.problem.accounts[account]?.vendor ?? '';
  }

  #loss(index: number): Pick<CertificateJson, 'lost' | 'lostKind'> {
    const loss = this.#report.translation.problem.resilience?.losses[index];
    return { lost: loss?.name ?? '', lostKind: loss?.kind ?? 'vendor' };
  }

  #rows(decision: PlanDecision | null): ComparedJson['decisions'] {
    return decision === null ? [] : wholeRows(this.#report.translation, decision);
  }

  #risk({ mean, cvar, objective }: RiskFigures): RiskJson {
    return { mean: this.#money(mean), cvar: this.#money(cvar), objective: this.#money(objective) };
  }

  #estimate({ mean, low, high }: Estimate): EstimateJson {
    return { mean: this.#money(mean), low: this.#money(low), high: this.#money(high) };
  }

  #certificate(certificate: OutageCertificate | null): readonly CertificateJson[] {
    return (certificate?.entries ?? []).map((entry) => ({
      ...this.#loss(entry.loss),
      year: Number(this.#periods[entry.period]?.from.slice(0, 4) ?? 0),
      period: this.#period(entry.period),
      class: this.#class(entry.class),
      servedShare: entry.servedShare,
      askedShare: entry.askedShare,
      met: entry.met,
      binding: entry.binding,
      rivals: entry.rivals.map((index) => this.#class(index)),
    }));
  }

  #outOfSample(sample: OutOfSample | null): OutOfSampleJson | null {
    if (sample === null) return null;
    return {
      ...this.#estimate(sample.total),
      cvar: this.#money(sample.cvar.mean),
      cvarLow: this.#money(sample.cvar.low),
      cvarHigh: this.#money(sample.cvar.high),
      objective: this.#money(sample.objective),
      scenarios: sample.scenarios,
      halfWidthShare: sample.halfWidthShare,
      isPrecise: sample.isPrecise,
      explainedShare: sample.explainedShare,
      plainMean: this.#money(sample.plain.mean),
      byPeriod: sample.byPeriod.map((estimate, index) => ({
        period: this.#period(index),
        ...this.#estimate(estimate),
      })),
      byVendor: this.#byVendor(sample),
      capPenalty: this.#money(sample.capPenalty.mean),
      burnt: this.#money(sample.burnt.mean),
      signingCost: this.#money(sample.signingCost),
      carried: this.#money(sample.carried.mean),
      quantiles: sample.quantiles.map(({ share, cost }) => ({ share, cost: this.#money(cost) })),
      costs: sample.costs.map((cost) => this.#money(cost)),
    };
  }

  /** Accounts of one vendor added up; ends of intervals too, which makes them wider than they are. */
  #byVendor({ byAccount }: OutOfSample): readonly VendorCostJson[] {
    const vendors = new Map<string, VendorCostJson>();
    for (const { account, total, byPeriod, inTail } of byAccount) {
      const vendor = this.#vendor(account);
      const before = vendors.get(vendor);
      vendors.set(vendor, {
        vendor,
        mean: (before?.mean ?? 0) + this.#money(total.mean),
        low: (before?.low ?? 0) + this.#money(total.low),
        high: (before?.high ?? 0) + this.#money(total.high),
        byPeriod: byPeriod.map((cost, period) => (before?.byPeriod[period] ?? 0) + this.#money(cost)),
        inTail: (before?.inTail ?? 0) + this.#money(inTail),
      });
    }
    return [...vendors.values()];
  }

  #dependency(dependency: Dependency | null): DependencyJson | null {
    if (dependency === null) return null;
    const { usage, reservations } = dependency.guards;
    return {
      vendors: dependency.vendors.map(({ vendor, share, paid }) => ({
        vendor,
        share: share.map(spread),
        paid: paid.map((amount) => this.#money(amount)),
      })),
      caps: dependency.caps.map(({ name, kind, limit, share, reached, broken, binds }) => ({
        name,
        kind,
        limit,
        share: share.map(spread),
        reached,
        broken,
        binds,
      })),
      concentration: dependency.concentration.map(spread),
      guards: {
        usage: {
          binds: usage.binds,
          withGuard: this.#finite(usage.withGuard),
          without: this.#finite(usage.without),
        },
        reservations: {
          binds: reservations.binds,
          reached: reservations.reached.map(({ account, period, fees }) => ({
            vendor: this.#vendor(account),
            period: this.#period(period),
            fees: this.#money(fees),
          })),
          highestShare: reservations.highestShare,
        },
      },
    };
  }

  #comparisons(comparisons: Comparisons | null): ComparisonsJson | null {
    if (comparisons === null) return null;
    const { plan, others, stochasticValue } = comparisons;
    return {
      plan: this.#compared(plan),
      others: others.map((other) => this.#compared(other)),
      stochasticValue: stochasticValue === null ? null : this.#money(stochasticValue),
    };
  }

  #compared(plan: ComparedPlan): ComparedJson {
    return {
      kind: plan.kind,
      vendor: plan.vendor,
      ...this.#risk(plan),
      dearerBy: this.#money(plan.dearerBy),
      keepsCaps: plan.keepsCaps,
      capPenalty: this.#money(plan.capPenalty),
      burnt: this.#money(plan.burnt),
      carried: this.#money(plan.carried),
      decisions: this.#rows(plan.decision),
      violations: plan.violations.map((violation) => this.#violation(violation)),
    };
  }

  #violation(violation: PolicyViolation): ViolationJson {
    switch (violation.kind) {
      case 'cap': {
        const { cap, period, probability, worstShare, limit } = violation;
        const capped = this.#report.translation.problem.caps[cap];
        return {
          kind: 'cap',
          name: capped?.name ?? '',
          capKind: capped?.kind ?? 'vendor',
          period: this.#period(period),
          probability,
          worstShare,
          limit,
        };
      }
      case 'outage': {
        const { loss, period, class: index, servedShare, askedShare } = violation;
        return {
          kind: 'outage',
          lost: this.#loss(loss).lost,
          period: this.#period(period),
          class: this.#class(index),
          servedShare,
          askedShare,
        };
      }
      case 'signedContract':
        return violation;
    }
  }

  #frontier({ along, current, points }: Frontier): FrontierJson {
    return {
      along,
      current,
      points: points.map(({ level, upperBound, lowerBound, feasible, figures, decision }) => ({
        level,
        upperBound: this.#finite(upperBound),
        lowerBound: this.#finite(lowerBound),
        feasible,
        figures: figures === null ? null : this.#risk(figures),
        decisions: this.#rows(decision),
      })),
    };
  }

  #shadowPrice({ along, from, to, estimate, range }: ShadowPrice): ShadowPriceJson {
    return {
      along,
      from,
      to,
      estimate: this.#finite(estimate),
      low: this.#finite(range.low),
      high: this.#finite(range.high),
    };
  }

  #negotiation({ vendor, offers, walkAway }: NegotiationSheet): NegotiationJson {
    return {
      vendor,
      walkAway: walkAway === null ? null : this.#walkAway(walkAway),
      offers: offers.map((offer) => this.#offer(offer)),
    };
  }

  #walkAway({ upperBound, lowerBound, feasible, worth, range, decision }: WalkAway): WalkAwayJson {
    return {
      upperBound: this.#finite(upperBound),
      lowerBound: this.#finite(lowerBound),
      feasible,
      worth: this.#finite(worth),
      low: this.#finite(range.low),
      high: this.#finite(range.high),
      decisions: this.#rows(decision),
    };
  }

  #offer(sheet: OfferSheet): OfferJson {
    const { translation } = this.#report;
    const perUnit = sheet.kind === 'pool' ? 1 : (translation.reservations[sheet.index]?.quantityPerUnit ?? 1);
    return {
      ...offeredJson(translation, sheet.kind, sheet.index),
      inPlan: sheet.inPlan,
      signed: sheet.signed,
      breakEvenPerYear: sheet.breakEvenPerYear.map((amount) => this.#finite(amount / perUnit)),
      breakEvenUse: sheet.breakEvenUse,
      usableShare: sheet.usableShare,
      expectedPerYear: sheet.expectedPerYear.map((amount) => this.#money(amount)),
      forcedDearerBy: sheet.forcedDearerBy === null ? null : this.#finite(sheet.forcedDearerBy),
      forcedKeepsPolicy: sheet.forcedKeepsPolicy,
      currentDiscount: sheet.entry?.currentDiscount ?? null,
      discountNeeded: sheet.entry?.discountNeeded ?? null,
      entryKnown: sheet.entry !== null,
    };
  }
}

const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);

const spread = ({ mean, worst }: SpreadFigure): SpreadJson => ({ mean, worst });
