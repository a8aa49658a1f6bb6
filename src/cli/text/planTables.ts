import { planSentences, type PlanDocument, type Wording } from '../../planner/index.ts';
import { table, type Column } from './table.ts';

/** A terminal breaks lines where it must: no spaces but plain ones. */
export const plainSpaces = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

const heading = (text: string, body: string): string => `${text}\n${body}`;

const tableOf = ({ language }: Wording, columns: readonly Column[], rows: readonly (readonly string[])[]): string =>
  table(
    columns.map(({ head, right }) => ({
      head: plainSpaces(head).toLocaleUpperCase(language),
      ...(right === undefined ? {} : { right }),
    })),
    rows.map((cells) => cells.map(plainSpaces)),
  );

const decisionsTable = (wording: Wording, plan: PlanDocument): string | null => {
  const { words, figures } = wording;
  const said = words.decisions;
  if (plan.decisions.length === 0 && plan.kept.length === 0) return null;
  const contract = (row: PlanDocument['kept'][number]): readonly string[] => [
    row.vendor,
    row.offer,
    words.kinds[row.kind],
    planSentences.sizeText(wording, row),
    figures.date(row.start),
    planSentences.lastDayText(wording, row),
  ];
  const rows = [
    ...plan.kept.map((row) => [...contract(row), said.signed, '']),
    ...plan.decisions.map((row) => {
      const day = figures.date(row.signBy);
      const terms = row.feePerMonth === null ? '' : said.fee(figures.money(row.feePerMonth));
      return [
        ...contract(row),
        row.signBy <= plan.signing.by ? said.now(day) : day,
        [terms, ...(row.source === undefined ? [] : [row.source])].join(', '),
      ];
    }),
  ];
  return heading(
    said.heading,
    tableOf(
      wording,
      [
        { head: said.vendor },
        { head: said.offer },
        { head: said.kind },
        { head: said.size, right: true },
        { head: said.from },
        { head: said.until },
        { head: said.signBy },
        { head: '' },
      ],
      rows,
    ),
  );
};

const costsTable = (wording: Wording, { outOfSample, horizon }: PlanDocument): string | null => {
  if (outOfSample === null) return null;
  const { words, figures } = wording;
  const { money } = figures;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return heading(
    words.costs.heading,
    tableOf(
      wording,
      [
        { head: words.costs.vendor },
        ...horizon.periods.map(({ name }) => ({ head: name, right: true })),
        { head: words.costs.total, right: true },
      ],
      [
        ...outOfSample.byVendor.map(({ vendor, byPeriod }) => [vendor, ...byPeriod.map(money), money(sum(byPeriod))]),
        [words.costs.total, ...outOfSample.byPeriod.map(({ mean }) => money(mean)), money(outOfSample.mean)],
      ],
    ),
  );
};

const outagesTable = (wording: Wording, { certificate, horizon }: PlanDocument): string | null => {
  if (certificate.length === 0) return null;
  const { words, figures } = wording;
  const said = words.outages;
  const losses = Map.groupBy(certificate, ({ lost, lostKind }) => `${words.lossKinds[lostKind]} ${lost}`);
  const rows = [...losses].map(([name, entries]) => [
    name,
    ...horizon.periods.map((period) => {
      const worst = planSentences.weakest(entries.filter((entry) => entry.period === period.name));
      if (worst === null) return '-';
      return `${figures.percentAtLeast(worst.servedShare)} ${worst.class}${worst.met ? '' : ` (${said.short})`}`;
    }),
  ]);
  return heading(
    `${said.heading} (${said.chart.toLocaleLowerCase(wording.language)})`,
    tableOf(wording, [{ head: said.lost }, ...horizon.periods.map(({ name }) => ({ head: name }))], rows),
  );
};

const comparisonsTable = (wording: Wording, { comparisons }: PlanDocument): string | null => {
  if (comparisons === null) return null;
  const { words, figures } = wording;
  const said = words.comparisons;
  return heading(
    said.heading,
    tableOf(
      wording,
      [
        { head: said.way },
        { head: said.mean, right: true },
        { head: said.cvar, right: true },
        { head: said.objective, right: true },
        { head: said.dearer, right: true },
        { head: '' },
      ],
      [comparisons.plan, ...comparisons.others].map((one) => [
        planSentences.comparedName(wording, one),
        figures.money(one.mean),
        figures.money(one.cvar),
        figures.money(one.objective),
        one.kind === 'plan' ? '' : figures.signedMoney(one.dearerBy),
        one.violations.length === 0 ? '' : said.breaks,
      ]),
    ),
  );
};

const sentences = (title: string, texts: readonly string[]): string | null =>
  texts.length === 0 ? null : heading(title, texts.map((text) => `- ${text}`).join('\n'));

/** A plan as sentences and tables for a terminal. */
export const planTables = (wording: Wording, plan: PlanDocument): string => {
  const { frontiers, negotiations, grounds } = wording.words;
  return plainSpaces(
    [
      planSentences.headlineSentences(wording, plan).join('\n'),
      decisionsTable(wording, plan),
      costsTable(wording, plan),
      outagesTable(wording, plan),
      comparisonsTable(wording, plan),
      sentences(
        frontiers.heading,
        plan.shadowPrices.map((price) => planSentences.shadowPriceSentence(wording, price)),
      ),
      sentences(
        negotiations.heading,
        plan.negotiations.map((sheet) => planSentences.walkAwaySentence(wording, sheet)),
      ),
      sentences(grounds.heading, [
        ...planSentences.readingSentences(wording, plan),
        ...planSentences.assumptionSentences(wording, plan),
        ...planSentences.guardSentences(wording, plan),
      ]),
    ]
      .filter((part) => part !== null)
      .join('\n\n'),
  );
};
