import { figure, legend, tableOf } from '../charts/figure.ts';
import { timelineChart, type TimelineRow } from '../charts/timelineChart.ts';
import { monthOf } from '../horizonOf.ts';
import { html, type Html, type HtmlValue } from '../html.ts';
import type { DecisionJson, KeptJson, PlanDocument } from '../PlanDocument.ts';
import { contractName, lastDayText, sizeText } from '../sentences.ts';
import type { Wording } from '../Wording.ts';
import type { Section } from './Section.ts';
import { byColour, vendorColours } from './vendorColours.ts';

type Contract = KeptJson & Pick<DecisionJson, 'source'>;

const isDue = ({ signing }: PlanDocument, { signBy }: DecisionJson): boolean => signBy <= signing.by;

const chartOf = (wording: Wording, plan: PlanDocument): Html => {
  const said = wording.words.decisions;
  const colours = vendorColours(plan);
  const barOf = (row: Contract, colour: string, isBold: boolean): TimelineRow => ({
    label: contractName(row),
    text: sizeText(wording, row),
    fromMonth: monthOf(plan.horizon, row.start),
    untilMonth: monthOf(plan.horizon, row.until),
    colour,
    isBold,
  });
  const rows = [
    ...plan.kept.map((row) => barOf(row, 'kept', false)),
    ...plan.decisions.map((row) => barOf(row, colours.get(row.vendor) ?? 'kept', isDue(plan, row))),
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

const termsOf = ({ words, figures }: Wording, row: DecisionJson): string => {
  const said = words.decisions;
  const upfront = Number(row.upfrontShare);
  return [
    ...(row.discount === null ? [] : [said.off(figures.percent(row.discount))]),
    ...(row.feePerMonth === null ? [] : [said.fee(figures.money(row.feePerMonth))]),
    ...(upfront > 0 ? [said.upfront(figures.percent(upfront))] : []),
  ].join(', ');
};

const contractsTable = (wording: Wording, plan: PlanDocument): Html => {
  const { words, figures } = wording;
  const said = words.decisions;
  const rowOf = (row: Contract, terms: string, signBy: string): readonly HtmlValue[] => [
    contractName(row),
    words.kinds[row.kind],
    sizeText(wording, row),
    figures.date(row.start),
    lastDayText(wording, row),
    row.months,
    terms,
    signBy,
  ];
  const signByOf = (row: DecisionJson): string => {
    const day = figures.date(row.signBy);
    return isDue(plan, row) ? said.now(day) : day;
  };
  return tableOf(
    [
      { head: said.contract },
      { head: said.kind },
      { head: said.size, isNumber: true },
      { head: said.from },
      { head: said.until },
      { head: said.months, isNumber: true },
      { head: said.terms },
      { head: said.signBy },
    ],
    [
      ...plan.kept.map((row) => rowOf(row, '–', said.signed)),
      ...plan.decisions.map((row) => rowOf(row, termsOf(wording, row), signByOf(row))),
    ],
  );
};

/** What a ramp asks for: only where periods differ. */
const rampsOf = (wording: Wording, plan: PlanDocument): readonly Html[] => {
  const { words, figures } = wording;
  const said = words.decisions;
  return plan.decisions
    .filter(({ steps }) => new Set(steps.map(({ usd }) => usd)).size > 1)
    .map(
      (row) =>
        html`<h4>${said.steps(contractName(row))}</h4>
          ${tableOf(
            [{ head: said.period }, { head: said.toBeSpent, isNumber: true }],
            row.steps.map(({ from, until, usd }) => [
              `${figures.date(from)} – ${lastDayText(wording, { until })}`,
              figures.money(Number(usd)),
            ]),
          )}`,
    );
};

/** What is signed when, as a timeline with its table. */
export const decisionsSection = (wording: Wording, plan: PlanDocument): Section => {
  const said = wording.words.decisions;
  const rows = plan.decisions.length + plan.kept.length;
  const vendors = [...new Set(plan.decisions.map(({ vendor }) => vendor))];
  const chart =
    rows === 0
      ? null
      : figure({
          title: said.chart,
          lead: said.lead,
          legend: legend([
            ...byColour(wording, plan, vendors),
            ...(plan.kept.length === 0 ? [] : [{ name: said.signed, colour: 'kept' }]),
          ]),
          chart: chartOf(wording, plan),
          tableTitle: said.table,
          table: html`${contractsTable(wording, plan)}${rampsOf(wording, plan)}`,
        });
  const none = plan.decisions.length === 0 ? html`<p>${said.none}</p>` : null;
  return { id: 'decisions', heading: said.heading, content: [none, chart] };
};
