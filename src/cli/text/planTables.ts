import { moneyWriter, percentAtLeast, planWords, type PlanDocument } from '../../planner/index.ts';
import { table } from './table.ts';

const { words } = planWords;

/** No spaces of its own that a terminal would not break at: plain ones. */
const plain = (text: string): string => text.replaceAll('\u00a0', ' ');

const heading = (text: string, body: string): string => `${text}\n${body}`;

const decisionsTable = (plan: PlanDocument): string | null => {
  if (plan.decisions.length === 0 && plan.kept.length === 0) return null;
  const money = moneyWriter(plan.currency);
  const rows = [
    ...plan.kept.map((row) => [
      row.vendor,
      row.offer,
      row.kind,
      planWords.sizeText(plan.currency, row),
      row.start,
      String(row.months),
      'signed',
      '',
    ]),
    ...plan.decisions.map((row) => [
      row.vendor,
      row.offer,
      row.kind,
      planWords.sizeText(plan.currency, row),
      row.start,
      String(row.months),
      'proposed',
      row.feePerMonth === null ? '' : `${money(row.feePerMonth)} a month at ${row.covers.join(', ')}`,
    ]),
  ];
  return heading(
    words.decisions.heading,
    table(
      [
        { head: 'VENDOR' },
        { head: 'OFFER' },
        { head: 'KIND' },
        { head: 'SIZE', right: true },
        { head: 'FROM' },
        { head: 'MONTHS', right: true },
        { head: 'STATUS' },
        { head: '' },
      ],
      rows,
    ),
  );
};

const costsTable = ({ outOfSample, horizon, currency }: PlanDocument): string | null => {
  if (outOfSample === null) return null;
  const money = moneyWriter(currency);
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return heading(
    words.costs.heading,
    table(
      [
        { head: 'VENDOR' },
        ...horizon.periods.map(({ name }) => ({ head: name.toUpperCase(), right: true })),
        { head: 'TOTAL', right: true },
      ],
      [
        ...outOfSample.byVendor.map(({ vendor, byPeriod }) => [vendor, ...byPeriod.map(money), money(sum(byPeriod))]),
        ['all', ...outOfSample.byPeriod.map(({ mean }) => money(mean)), money(outOfSample.mean)],
      ],
    ),
  );
};

const outagesTable = ({ certificate, horizon }: PlanDocument): string | null => {
  if (certificate.length === 0) return null;
  const losses = Map.groupBy(certificate, ({ lost, lostKind }) => `${lostKind} ${lost}`);
  const rows = [...losses].map(([name, entries]) => [
    name,
    ...horizon.periods.map((period) => {
      const worst = planWords.weakest(entries.filter((entry) => entry.period === period.name));
      if (worst === null) return '-';
      return `${percentAtLeast(worst.servedShare)} ${worst.class}${worst.met ? '' : ' (too little)'}`;
    }),
  ]);
  return heading(
    `${words.outages.heading}: ${words.outages.chart.toLowerCase()}`,
    table([{ head: 'GONE' }, ...horizon.periods.map(({ name }) => ({ head: name.toUpperCase() }))], rows),
  );
};

const comparisonsTable = ({ comparisons, currency }: PlanDocument): string | null => {
  if (comparisons === null) return null;
  const money = moneyWriter(currency);
  return heading(
    words.comparisons.heading,
    table(
      [
        { head: 'WAY' },
        { head: 'MEAN', right: true },
        { head: 'BAD FUTURES', right: true },
        { head: 'WEIGHED', right: true },
        { head: 'DEARER BY', right: true },
        { head: '' },
      ],
      [comparisons.plan, ...comparisons.others].map((one) => [
        planWords.comparedName(one),
        money(one.mean),
        money(one.cvar),
        money(one.objective),
        one.kind === 'plan' ? '' : planWords.signedText(one.dearerBy, money),
        one.violations.length === 0 ? '' : words.comparisons.breaks,
      ]),
    ),
  );
};

const sentences = (title: string, texts: readonly string[]): string | null =>
  texts.length === 0 ? null : heading(title, texts.map((text) => `- ${text}`).join('\n'));

/** A plan as sentences and tables for a terminal. */
export const planTables = (plan: PlanDocument): string =>
  plain(
    [
      planWords.headlineSentences(plan).join('\n'),
      decisionsTable(plan),
      costsTable(plan),
      outagesTable(plan),
      comparisonsTable(plan),
      sentences(
        words.frontiers.heading,
        plan.shadowPrices.map((price) => planWords.shadowPriceSentence(plan.currency, price)),
      ),
      sentences(
        words.negotiations.heading,
        plan.negotiations.map((sheet) => planWords.walkAwaySentence(plan.currency, sheet)),
      ),
      sentences(words.grounds.heading, [
        ...planWords.readingSentences(plan),
        ...plan.assumptions,
        ...planWords.guardSentences(plan),
      ]),
    ]
      .filter((part) => part !== null)
      .join('\n\n'),
  );
