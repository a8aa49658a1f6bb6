import { moneyAxis, moneyWriter, percentText } from '../amounts.ts';
import { figure, legend, tableOf } from '../charts/figure.ts';
import { histogramChart } from '../charts/histogramChart.ts';
import { stackedBarsChart } from '../charts/stackedBarsChart.ts';
import { html, type Html } from '../html.ts';
import type { EstimateJson, OutOfSampleJson, PlanDocument } from '../PlanDocument.ts';
import { words } from '../words.ts';
import type { Section } from './Section.ts';
import { byColour } from './vendorColours.ts';

const { costs: said } = words;

interface VendorCosts {
  readonly vendor: string;
  readonly byPeriod: readonly number[];
}

/** Mean cost of each vendor: out of sample where that is known, else over the scenarios of the plan. */
const vendorCosts = ({ outOfSample, dependency }: PlanDocument): readonly VendorCosts[] =>
  outOfSample?.byVendor ?? (dependency?.vendors ?? []).map(({ vendor, paid }) => ({ vendor, byPeriod: paid }));

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const yearsTable = (plan: PlanDocument, costs: readonly VendorCosts[]): Html => {
  const money = moneyWriter(plan.currency);
  const periods = plan.horizon.periods;
  const totals = periods.map((_, period) => sumOf(costs.map(({ byPeriod }) => byPeriod[period] ?? 0)));
  const row = (name: string, byPeriod: readonly number[]) => [name, ...byPeriod.map(money), money(sumOf(byPeriod))];
  const { outOfSample } = plan;
  const range = ({ low, high }: EstimateJson): string => said.between(money(low), money(high));
  const interval =
    outOfSample === null ? [] : [[said.interval, ...outOfSample.byPeriod.map(range), range(outOfSample)]];
  return tableOf(
    [
      { head: said.vendor },
      ...periods.map(({ name }) => ({ head: name, isNumber: true })),
      { head: said.total, isNumber: true },
    ],
    [...costs.map(({ vendor, byPeriod }) => row(vendor, byPeriod)), row(said.total, totals), ...interval],
  );
};

const byYear = (plan: PlanDocument): Html | null => {
  const costs = vendorCosts(plan);
  if (costs.length === 0) return null;
  const paid = costs.filter(({ byPeriod }) => sumOf(byPeriod) > 0);
  const groups = byColour(
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
      write: moneyWriter(plan.currency),
      axis: moneyAxis(plan.currency),
    }),
    tableTitle: said.byYearTable,
    table: yearsTable(plan, costs),
  });
};

const tailStart = ({ costs }: OutOfSampleJson, beta: number): number =>
  costs[Math.min(costs.length - 1, Math.floor(beta * costs.length))] ?? Infinity;

const distribution = (plan: PlanDocument): Html | null => {
  const sample = plan.outOfSample;
  if (sample === null || sample.costs.length === 0) return null;
  const money = moneyWriter(plan.currency);
  return figure({
    title: said.distribution,
    lead: said.distributionLead(plan),
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
      axis: moneyAxis(plan.currency),
    }),
    tableTitle: said.distributionTable,
    table: tableOf(
      [{ head: said.quantile }, { head: said.cost, isNumber: true }],
      sample.quantiles.map(({ share, cost }) => [percentText(share), money(cost)]),
    ),
  });
};

/** Cost by year and vendor, and how far it may stray. */
export const costsSection = (plan: PlanDocument): Section | null => {
  const content = [byYear(plan), distribution(plan)].filter((part) => part !== null);
  return content.length === 0 ? null : { id: 'costs', heading: said.heading, content: html`${content}` };
};
