import { amountText, moneyWriter } from '../amounts.ts';
import { figure, legend, tableOf } from '../charts/figure.ts';
import { timelineChart, type TimelineRow } from '../charts/timelineChart.ts';
import { monthOf } from '../horizonOf.ts';
import { html, type Html, type HtmlValue } from '../html.ts';
import type { DecisionJson, KeptJson, PlanDocument } from '../PlanDocument.ts';
import { contractName, sizeText, words } from '../words.ts';
import type { Section } from './Section.ts';
import { byColour, vendorColours } from './vendorColours.ts';

const { decisions: said } = words;

const barOf = (plan: PlanDocument, row: KeptJson & Pick<DecisionJson, 'source'>, colour: string): TimelineRow => ({
  label: contractName(row),
  text: sizeText(plan.currency, row),
  fromMonth: monthOf(plan.horizon, row.start),
  untilMonth: monthOf(plan.horizon, row.until),
  colour,
});

const chartOf = (plan: PlanDocument): Html => {
  const colours = vendorColours(plan);
  const rows = [
    ...plan.kept.map((row) => barOf(plan, row, 'kept')),
    ...plan.decisions.map((row) => barOf(plan, row, colours.get(row.vendor) ?? 'kept')),
  ];
  return timelineChart({
    id: 'timeline',
    title: said.chart,
    description: said.description(rows.length),
    months: monthOf(plan.horizon, plan.horizon.until),
    ticks: plan.horizon.periods.map(({ from, name }) => ({ month: monthOf(plan.horizon, from), label: name })),
    rows,
  });
};

const termsOf = (plan: PlanDocument, row: DecisionJson): string => {
  const money = moneyWriter(plan.currency);
  const upfront = Number(row.upfrontShare);
  return [
    ...(row.discount === null ? [] : [said.off(row.discount)]),
    ...(row.feePerMonth === null ? [] : [said.fee(money(row.feePerMonth))]),
    ...(upfront > 0 ? [said.upfront(upfront)] : []),
  ].join(', ');
};

const rowOf = (
  plan: PlanDocument,
  row: KeptJson,
  { covers, terms, status }: { readonly covers: string; readonly terms: string; readonly status: string },
): readonly HtmlValue[] => [
  row.vendor,
  row.offer,
  said.kinds[row.kind],
  sizeText(plan.currency, row),
  row.start,
  row.until,
  row.months,
  covers,
  terms,
  status,
];

const contractsTable = (plan: PlanDocument): Html => {
  const { vendor, offer, kind, size, from, until, months, covers, terms, status } = said.columns;
  return tableOf(
    [
      { head: vendor },
      { head: offer },
      { head: kind },
      { head: size, isNumber: true },
      { head: from },
      { head: until },
      { head: months, isNumber: true },
      { head: covers },
      { head: terms },
      { head: status },
    ],
    [
      ...plan.kept.map((row) => rowOf(plan, row, { covers: '', terms: '', status: said.signed })),
      ...plan.decisions.map((row) =>
        rowOf(plan, row, { covers: row.covers.join(', '), terms: termsOf(plan, row), status: said.proposed }),
      ),
    ],
  );
};

/** What a ramp asks for: only where periods differ. */
const rampsOf = (plan: PlanDocument): readonly Html[] =>
  plan.decisions
    .filter(({ steps }) => new Set(steps.map(({ usd }) => usd)).size > 1)
    .map(
      ({ vendor, offer, steps }) =>
        html`<h4>${vendor} · ${offer}: ${said.steps}</h4>
          ${tableOf(
            [{ head: said.stepColumns.period }, { head: said.stepColumns.amount, isNumber: true }],
            steps.map(({ from, until, usd }) => [`${from} – ${until}`, `${plan.currency} ${amountText(Number(usd))}`]),
          )}`,
    );

/** What is signed when, as a timeline with its table. */
export const decisionsSection = (plan: PlanDocument): Section => {
  const rows = plan.decisions.length + plan.kept.length;
  const vendors = [...new Set(plan.decisions.map(({ vendor }) => vendor))];
  const chart =
    rows === 0
      ? null
      : figure({
          title: said.chart,
          lead: said.lead,
          legend: legend([
            ...byColour(plan, vendors),
            ...(plan.kept.length === 0 ? [] : [{ name: said.signed, colour: 'kept' }]),
          ]),
          chart: chartOf(plan),
          tableTitle: said.table,
          table: html`${contractsTable(plan)}${rampsOf(plan)}`,
        });
  const none = plan.decisions.length === 0 ? html`<p>${said.none}</p>` : null;
  return { id: 'decisions', heading: said.heading, content: [none, chart] };
};
