import { median, medianRatio, type OverheadResult } from './overheadResult.ts';

/** One figure of a run, as a reader sees it; a dash where there is none. */
export interface OverheadRow {
  readonly figure: string;
  readonly nginx: string;
  readonly archipel: string;
  readonly portkey: string;
  /** What Archipel's figure is against, and how many times that. */
  readonly ratio: string;
}

const none = '-';
const passThrough = { whole: 'openai>openai whole', stream: 'openai>openai stream' };

const number = (value: number): string => (value < 10 ? value.toFixed(1) : String(Math.round(value)));
/** Where one side is nothing, or less than nothing by chance, there is no ratio. */
const times = (ratio: number, base: string): string =>
  Number.isFinite(ratio) && ratio > 0 ? `${ratio.toFixed(1)}x ${base}` : none;

const cpuUs = (result: OverheadResult, way: string, contender: string): readonly number[] =>
  result.load[way]?.[contender]?.cpuUs ?? [];

const shown = (values: readonly number[], unit: string): string =>
  values.length === 0 ? none : `${number(median(values))} ${unit}`;

const loadRow = (
  result: OverheadResult,
  figure: string,
  way: string,
  base: { readonly way: string; readonly contender: string; readonly word: string },
): OverheadRow => {
  const of = (contender: string): string => shown(cpuUs(result, way, contender), 'µs');
  const ratio = medianRatio(cpuUs(result, way, 'archipel'), cpuUs(result, base.way, base.contender));
  return {
    figure,
    nginx: of('nginx'),
    archipel: of('archipel'),
    portkey: of('portkey'),
    ratio: times(ratio, base.word),
  };
};

/** Figures that only some runs have: a way that could not be timed has no row. */
const timed = (result: OverheadResult, way: string): boolean => cpuUs(result, way, 'archipel').length > 0;

const nginxOn = (way: string) => ({ way, contender: 'nginx', word: 'nginx' });
const archipelOn = (way: string) => ({ way, contender: 'archipel', word: 'pass-through' });

const translations: readonly (readonly [figure: string, way: string, kind: 'whole' | 'stream', same: string])[] = [
  ['CPU per request translated, OpenAI client to Anthropic vendor', 'openai>anthropic whole', 'whole', 'openai>openai'],
  [
    'CPU per request translated, Anthropic client to OpenAI vendor',
    'anthropic>openai whole',
    'whole',
    'anthropic>anthropic',
  ],
  ['CPU per event translated, OpenAI client to Anthropic vendor', 'openai>anthropic stream', 'stream', 'openai>openai'],
  [
    'CPU per event translated, Anthropic client to OpenAI vendor',
    'anthropic>openai stream',
    'stream',
    'anthropic>anthropic',
  ],
];

/** What a contender adds to the vendor's own latency. Milliseconds, a round each. */
const addedMs = (result: OverheadResult, contender: string, quantile: 'p50Ms' | 'p99Ms'): readonly number[] => {
  const direct = result.paced['direct']?.[quantile] ?? [];
  return (result.paced[contender]?.[quantile] ?? []).map((ms, round) => ms - (direct[round] ?? NaN));
};

const latencyRow = (result: OverheadResult, figure: string, quantile: 'p50Ms' | 'p99Ms'): OverheadRow => {
  const of = (contender: string): string => {
    const added = addedMs(result, contender, quantile);
    return added.length === 0 ? none : `${median(added).toFixed(2)} ms`;
  };
  const ratio = medianRatio(addedMs(result, 'archipel', quantile), addedMs(result, 'nginx', quantile));
  return { figure, nginx: of('nginx'), archipel: of('archipel'), portkey: of('portkey'), ratio: times(ratio, 'nginx') };
};

/** Processor time at a rate that leaves everybody idle in between. */
const pacedRow = (result: OverheadResult): OverheadRow => {
  const of = (contender: string): string => shown(result.paced[contender]?.cpuUs ?? [], 'µs');
  const ratio = medianRatio(result.paced['archipel']?.cpuUs ?? [], result.paced['nginx']?.cpuUs ?? []);
  return {
    figure: 'The same at 200 requests/s',
    nginx: of('nginx'),
    archipel: of('archipel'),
    portkey: of('portkey'),
    ratio: times(ratio, 'nginx'),
  };
};

const memoryRow = (result: OverheadResult): OverheadRow => {
  const of = (contender: string): string => {
    const value = result.residentMB[contender];
    return value === undefined ? none : `${Math.round(value)} MB`;
  };
  return {
    figure: 'Memory at 500 open streams',
    nginx: of('nginx'),
    archipel: of('archipel'),
    portkey: of('portkey'),
    ratio: none,
  };
};

const startRow = (figure: string, ms: readonly number[]): OverheadRow => ({
  figure,
  nginx: none,
  archipel: `${(median(ms) / 1_000).toFixed(1)} s`,
  portkey: none,
  ratio: none,
});

/** The figures of a run. */
export const overheadRows = (result: OverheadResult): readonly OverheadRow[] => [
  loadRow(result, 'CPU per request of 1 KB, as many as it can take', passThrough.whole, nginxOn(passThrough.whole)),
  pacedRow(result),
  loadRow(result, 'CPU per streamed event, 100 streams', passThrough.stream, nginxOn(passThrough.stream)),
  ...translations
    .filter(([, way]) => timed(result, way))
    .map(([figure, way, kind, same]) => loadRow(result, figure, way, archipelOn(`${same} ${kind}`))),
  latencyRow(result, 'Added latency at 200 requests/s, median', 'p50Ms'),
  latencyRow(result, 'Added latency at 200 requests/s, 99th percentile', 'p99Ms'),
  memoryRow(result),
  startRow('Start to ready, first time', result.start.coldMs),
  startRow('Start to ready, later', result.start.warmMs),
];
