import { figure, legend, tableOf } from '../charts/figure.ts';
import { histogramChart } from '../charts/histogramChart.ts';
import { stackedBarsChart } from '../charts/stackedBarsChart.ts';
import { html, type Html } from '../html.ts';
import type { EstimateJson, OutOfSampleJson, PlanDocument } from '../PlanDocument.ts';
import { tailText } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';
import { byColour } from './vendorColours.ts';

interface VendorCosts {
  readonly vendor: string;
  readonly byPeriod: readonly number[];
}

/** Mean cost of each vendor: out of sample where that is known, else over the scenarios of the plan. */
const vendorCosts = ({ outOfSample, dependency }: PlanDocument): readonly VendorCosts[] =>
  outOfSample?.byVendor ?? (dependency?.vendors ?? []).map(({ vendor, paid }) => ({ vendor, byPeriod: paid }));

/** Share of the total that the vendors' costs may miss by what floats leave. */
const restShareMax = 1e-6;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const yearsTable = (
  { words, figures: { money } }: Wording,
  plan: PlanDocument,
  costs: readonly VendorCosts[],
): Html => {
  const said = words.costs;
  const periods = plan.horizon.periods;
  const paid = periods.map((_, period) => sumOf(costs.map(({ byPeriod }) => byPeriod[period] ?? 0)));
  const row = (name: string, byPeriod: readonly number[]) => [name, ...byPeriod.map(money), money(sumOf(byPeriod))];
  const { outOfSample } = plan;
  const totals = outOfSample?.byPeriod.map(({ mean }) => mean) ?? paid;
  const rest = totals.map((total, period) => total - (paid[period] ?? 0));
  const isAllPaid = Math.abs(sumOf(rest)) <= restShareMax * sumOf(totals);
  const range = ({ low, high }: EstimateJson): string => words.between(money(low), money(high));
  const interval =
    outOfSample === null ? [] : [[said.interval, ...outOfSample.byPeriod.map(range), range(outOfSample)]];
  return tableOf(
    [
      { head: said.vendor },
      ...periods.map(({ name }) => ({ head: name, isNumber: true })),
      { head: said.total, isNumber: true },
    ],
    [
      ...costs.map(({ vendor, byPeriod }) => row(vendor, byPeriod)),
      ...(isAllPaid ? [] : [row(said.capital, rest)]),
      row(said.total, totals),
      ...interval,
    ],
  );
};

const byYear = (wording: Wording, plan: PlanDocument): Html | null => {
  const said = wording.words.costs;
  const costs = vendorCosts(plan);
  if (costs.length === 0) return null;
  const paid = costs.filter(({ byPeriod }) => sumOf(byPeriod) > 0);
  const groups = byColour(
    wording,
    plan,
    paid.map(({ vendor }) => vendor),
  );
  const series = groups.map(({ name, colour, vendors }) => ({
    name,
    colour,
    values: plan.horizon.periods.map((_, period) =>
      sumOf(costs.filter(({ vendor }) => vendors.includes(vendor)).map(({ byPeriod }) => byPeriod[period] ?? 0)),
    ),
  }));
  return figure({
    title: said.byYear,
    lead: said.byYearLead,
    legend: legend(groups),
    chart: stackedBarsChart({
      id: 'costs-by-year',
      title: said.byYear,
      description: said.byYearDescription,
      categories: plan.horizon.periods.map(({ name }) => name),
      series,
      write: wording.figures.money,
      axis: wording.figures.moneyAxis,
    }),
    tableTitle: said.byYearTable,
    table: yearsTable(wording, plan, costs),
  });
};

const tailStart = ({ costs }: OutOfSampleJson, beta: number): number =>
  costs[Math.min(costs.length - 1, Math.floor(beta * costs.length))] ?? Infinity;

const distribution = (wording: Wording, plan: PlanDocument): Html | null => {
  const said = wording.words.costs;
  const sample = plan.outOfSample;
  if (sample === null || sample.costs.length === 0) return null;
  const { money, moneyAxis, percent } = wording.figures;
  return figure({
    title: said.distribution,
    lead: said.distributionLead(tailText(wording, plan)),
    chart: histogramChart({
      id: 'distribution',
      title: said.distribution,
      description: said.distributionDescription,
      values: sample.costs,
      marks: [
        { label: said.mean(money(sample.mean)), value: sample.mean },
        { label: said.cvar(money(sample.cvar)), value: sample.cvar },
      ],
      tailFrom: tailStart(sample, plan.risk.beta),
      write: money,
      axis: moneyAxis,
    }),
    tableTitle: said.distributionTable,
    table: tableOf(
      [{ head: said.quantile }, { head: said.cost, isNumber: true }],
      sample.quantiles.map(({ share, cost }) => [percent(share), money(cost)]),
    ),
  });
};

/** Cost by year and vendor, and how far it may stray. */
export const costsSection = (wording: Wording, plan: PlanDocument): Section | null => {
  const content = [byYear(wording, plan), distribution(wording, plan)].filter((part) => part !== null);
  return content.length === 0 ? null : { id: 'costs', heading: wording.words.costs.heading, content: html`${content}` };
};
