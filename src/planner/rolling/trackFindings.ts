import type {
  ActualMonth,
  CommitmentTrack,
  DemandTrack,
  PoolWindow,
  SpendTrack,
  TrackedPlan,
  TrackFinding,
  UnplannedUse,
} from './TrackedPlan.ts';

type Figures = Omit<TrackedPlan, 'findings' | 'onTrack'>;

export interface FindingOptions {
  readonly monthsOutside: number;
  /** Whether nobody told of any usage at all. */
  readonly isEmpty: boolean;
}

/** Less of a true-up than this is no shortfall: a hundredth of what is due. */
const shortfallShareMin = 0.01;
/** Less of utilization than this is as planned. */
const utilizationSlack = 0.01;
/** Unplanned usage that is told one by one. */
const unplannedMax = 5;

const figure = (value: number): string =>
  value.toLocaleString(
    'en-US',
    Math.abs(value) >= 1_000 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 },
  );

const percent = (share: number): string => `${(share * 100).toFixed(0)} %`;

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const rangeText = ({ actual, low, high }: ActualMonth, unit: string): string =>
  `${figure(Number(actual ?? 0))} ${unit}, planned ${figure(low)} to ${figure(high)}`;

const lastWhole = (months: readonly ActualMonth[]): ActualMonth | undefined =>
  months.findLast(({ partial }) => !partial);

const unitText = { MTok: 'million tokens', gpuHour: 'GPU-hours' } as const;

const demandFinding = (
  { class: name, unit, outside, months }: DemandTrack,
  patience: number,
): readonly TrackFinding[] => {
  const last = lastWhole(months);
  if (outside.side === null || last === undefined) return [];
  const where = `Demand of ${name} is ${outside.side} the planned range for ${plural(outside.months, 'month')} running (${last.month}: ${rangeText(last, unitText[unit])})`;
  return [
    outside.months >= patience
      ? { severity: 'act', kind: 'demand', subject: name, sentence: `${where}: plan again with what was used.` }
      : {
          severity: 'watch',
          kind: 'demand',
          subject: name,
          sentence: `${where}: plan again if it stays there for ${plural(patience - outside.months, 'more month')}.`,
        },
  ];
};

const spendFinding = (
  { vendor, outside, months }: SpendTrack,
  currency: string,
  patience: number,
): readonly TrackFinding[] => {
  const last = lastWhole(months);
  if (outside.side === null || last === undefined) return [];
  const isLong = outside.months >= patience;
  return [
    {
      severity: isLong ? 'act' : 'watch',
      kind: 'spend',
      subject: vendor,
      sentence: `Spend with ${vendor} is ${outside.side} the planned range for ${plural(outside.months, 'month')} running (${last.month}: ${rangeText(last, currency)}): ${
        isLong
          ? 'if demand is as planned, prices or the choice of vendors are not; look at them, or plan again.'
          : 'look again next month.'
      }`,
    },
  ];
};

const shortfallFinding = (
  { name, status }: CommitmentTrack,
  window: PoolWindow,
  currency: string,
): readonly TrackFinding[] => {
  const { shortfall, plannedShortfall, complete, ended, due, projected, until, pace, carried } = window;
  if (shortfall === null || projected === null || status !== 'signed') return [];
  const missing = Math.max(0, Number(due) - projected);
  const least = shortfallShareMin * Number(due);
  if (missing <= least && shortfall <= least) return [];
  const isPlanned = shortfall <= (plannedShortfall ?? 0) + least;
  const rest =
    carried === null || carried <= 0
      ? ''
      : `, the contract carries ${currency} ${figure(carried)} over to other true-ups`;
  const owed = `${currency} ${figure(missing)} of ${currency} ${figure(Number(due))} (${currency} ${figure(shortfall)} owed${rest})`;
  if (ended)
    return [
      {
        severity: 'watch',
        kind: 'shortfall',
        subject: name,
        sentence: `${name} fell short by ${owed} at the true-up of ${until}.`,
      },
    ];
  const drawn = pace === null ? '' : `, with ${percent(pace)} of what was planned drawn so far`;
  const way = isPlanned
    ? 'no more than the plan expects to owe'
    : complete
      ? 'move work there, or talk to the vendor before the true-up'
      : 'but not all that draws it down is told';
  return [
    {
      severity: isPlanned || !complete ? 'watch' : 'act',
      kind: 'shortfall',
      subject: name,
      sentence: `${name} will fall short by ${owed} at the true-up of ${until} at the present pace${drawn}: ${way}.`,
    },
  ];
};

const idleFinding = ({ name, status, capacity }: CommitmentTrack, currency: string): readonly TrackFinding[] => {
  if (capacity === null || status !== 'signed') return [];
  const { utilization, plannedUtilization, plannedLow, projectedIdle, plannedIdle, complete, until } = capacity;
  if (utilization === null || plannedUtilization === null || plannedLow === null) return [];
  if (utilization >= plannedLow - utilizationSlack) return [];
  const more =
    projectedIdle === null || plannedIdle === null
      ? ''
      : `, at this pace ${currency} ${figure(projectedIdle)} of its fees for nothing until ${until}, planned ${currency} ${figure(plannedIdle)}`;
  return [
    {
      severity: complete ? 'act' : 'watch',
      kind: 'idle',
      subject: name,
      sentence: `${name} is used to ${percent(utilization)}, planned ${percent(plannedUtilization)}${more}: ${
        complete ? 'move work there, or do not renew it.' : 'but not all that it serves is told.'
      }`,
    },
  ];
};

const unsignedFinding = ({ name, status, from, kind }: CommitmentTrack, asOf: string): readonly TrackFinding[] =>
  status === 'signed' || from >= asOf
    ? []
    : [
        {
          severity: 'act',
          kind: 'unsigned',
          subject: name,
          sentence: `The plan begins ${name} (${kind}) on ${from}, and no contract of the portfolio is it: write it in with "archipel plan sign" if it was signed, else plan again.`,
        },
      ];

/** What the plan lacks for usage, and how to mend that. */
const unplannedText = ({ class: name, isVendorPlanned, isClassPlanned }: UnplannedUse): string => {
  if (!isVendorPlanned) return 'is in no vendor of the plan: plan again with it';
  return isClassPlanned
    ? 'is in no source of the plan: plan again with it'
    : `is in no class of the plan: say whose it is with --map ${name}=CLASS, or plan again with it`;
};

const unplannedFinding = (uses: readonly UnplannedUse[], currency: string): readonly TrackFinding[] =>
  uses.slice(0, unplannedMax).map((use) => {
    const cost = use.cost === null ? '' : `, ${currency} ${figure(Number(use.cost))}`;
    return {
      severity: 'watch',
      kind: 'unplanned',
      subject: `${use.vendor}/${use.class}`,
      sentence: `Usage of ${use.class} at ${use.vendor} (${figure(Number(use.units))} units${cost}) ${unplannedText(use)}.`,
    };
  });

const untoldFindings = ({ demand, spend, months }: Figures, isEmpty: boolean): readonly TrackFinding[] => {
  if (months.length === 0) return [];
  if (isEmpty)
    return [
      {
        severity: 'act',
        kind: 'untold',
        subject: 'usage',
        sentence:
          'No usage at all is told since the plan began: look whether this is the ledger, or the export, of that plan.',
      },
    ];
  return [
    ...demand
      .filter(({ complete }) => !complete)
      .map(({ class: name, months: rows }): TrackFinding => ({
        severity: 'watch',
        kind: 'untold',
        subject: name,
        sentence: rows.some(({ actual }) => actual !== null)
          ? `Not all vendors that serve ${name} are told of: it may be more.`
          : `Nobody tells of ${name}: give exports that do, or say with --map what usage calls it.`,
      })),
    ...spend
      .filter(({ months: rows }) => rows.every(({ actual }) => actual === null))
      .map(({ vendor }): TrackFinding => ({
        severity: 'watch',
        kind: 'untold',
        subject: vendor,
        sentence: `What ${vendor} was paid is not told in the plan's currency: give an export with costs, or --rate.`,
      })),
  ];
};

/** What is off, first, then what to watch; each a sentence that says what to do. */
export const trackFindings = (
  figures: Figures,
  { monthsOutside, isEmpty }: FindingOptions,
): readonly TrackFinding[] => {
  const { demand, spend, commitments, unplanned, currency, asOf } = figures;
  const all = [
    ...demand.flatMap((row) => demandFinding(row, monthsOutside)),
    ...commitments.flatMap((row) => [
      ...unsignedFinding(row, asOf),
      ...row.windows.flatMap((window) => shortfallFinding(row, window, currency)),
      ...idleFinding(row, currency),
    ]),
    ...spend.flatMap((row) => spendFinding(row, currency, monthsOutside)),
    ...untoldFindings(figures, isEmpty),
    ...unplannedFinding(unplanned, currency),
  ];
  return [...all.filter(({ severity }) => severity === 'act'), ...all.filter(({ severity }) => severity === 'watch')];
};
