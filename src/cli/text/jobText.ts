import { record, records, text } from '../record.ts';
import { count } from './count.ts';
import { dollars } from './dollars.ts';
import { hours } from './hours.ts';
import { instant } from './instant.ts';
import { table } from './table.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Jobs of the API as a table. */
export const jobsTable = (jobs: readonly Fields[]): string =>
  jobs.length === 0
    ? 'none'
    : table(
        [
          { head: 'JOB' },
          { head: 'NAME' },
          { head: 'KIND' },
          { head: 'TEAM' },
          { head: 'STATE' },
          { head: 'SITE' },
          { head: 'SUBMITTED' },
          { head: 'ATTEMPTS', right: true },
          { head: 'COST', right: true },
        ],
        jobs.map((job) => [
          text(job['id']),
          text(job['name']),
          text(job['kind']),
          text(job['team']),
          text(job['state']),
          text(job['site']),
          instant(job['submittedAt']),
          count(job['attempts']),
          dollars(job['costNanoUsd']),
        ]),
      );

const evidenceLines = (evidence: unknown): readonly string[] =>
  records(evidence).map(({ at, what, detail }) => `  ${instant(at)}  ${text(what)}: ${text(detail)}`);

const hoursOf = (seconds: unknown): string => hours(typeof seconds === 'number' ? seconds / 3_600 : null);

const minuteSeconds = 60;

/** "lost 0.5 h of work, which had cost $12.50", in seconds as well where it was less than a minute; null where nothing was lost. */
const lossText = ({ lostSeconds, lostNanoUsd }: Fields): string | null => {
  if (typeof lostSeconds !== 'number' || lostSeconds <= 0) return null;
  const brief = lostSeconds < minuteSeconds ? ` (${lostSeconds} s)` : '';
  return `lost ${hoursOf(lostSeconds)} h${brief} of work, which had cost ${dollars(lostNanoUsd)}`;
};

const costText = ({ costNanoUsd, acceleratorSeconds }: Fields): string =>
  `cost ${dollars(costNanoUsd)} for ${hoursOf(acceleratorSeconds)} accelerator-hours`;

const progressText = ({ step, checkpoint }: Fields): string | null => {
  const said = [
    ...(typeof step === 'number' ? [`step ${count(step)}`] : []),
    ...(typeof checkpoint === 'string' ? [`checkpoint ${checkpoint}`] : []),
  ];
  return said.length === 0 ? null : said.join(', ');
};

const basisText = ({ basis, contract }: Fields): string =>
  typeof contract === 'string' ? `${text(basis)} of ${contract}` : text(basis);

const attemptText = (attempt: Fields): string => {
  const capacity = `${count(attempt['accelerators'])} x ${text(attempt['accelerator'])} (${basisText(attempt)})`;
  const facts = [progressText(attempt), lossText(attempt), costText(attempt)].filter((fact) => fact !== null);
  return [
    `attempt ${text(attempt['attempt'])}: ${text(attempt['state'])} at ${text(attempt['site'])} on ${capacity}`,
    ...evidenceLines(attempt['evidence']),
    ...facts.map((fact) => `  ${fact}`),
  ].join('\n');
};

const serveText = (serve: unknown): readonly string[] => {
  const { model, target, url } = record(serve);
  if (typeof model !== 'string') return [];
  return [typeof url === 'string' ? `serves ${model} as ${text(target)} at ${url}` : `does not serve ${model} now`];
};

/** A job of the API: how it stands, what was seen of each attempt, what was lost and what it cost. */
export const jobText = (body: unknown): string => {
  const job = record(body);
  const at = typeof job['site'] === 'string' ? `, newest at ${job['site']}` : '';
  const ended = typeof job['endedAt'] === 'string' ? `, ended ${instant(job['endedAt'])}` : '';
  const facts = [...serveText(job['serve']), lossText(job), costText(job)].filter((fact) => fact !== null);
  return [
    [
      `${text(job['name'])} (${text(job['kind'])}, team ${text(job['team'])}): ${text(job['state'])}${at}`,
      `job ${text(job['id'])}, submitted ${instant(job['submittedAt'])} by ${text(job['submittedBy'])}${ended}`,
      ...evidenceLines(job['evidence']),
    ].join('\n'),
    ...records(job['attempts']).map(attemptText),
    facts.join('\n'),
  ].join('\n\n');
};

/** The newest piece of evidence of a job and its newest attempt, in one line; null where there is none. */
export const newestEvidence = (body: unknown): string | null => {
  const job = record(body);
  const seen = [...records(record(records(job['attempts']).at(-1))['evidence']), ...records(job['evidence'])];
  // Instants of one form are in order as text; what the job says of itself stands last, and wins where both are of one moment.
  const [newest] = seen.toReversed().toSorted((left, right) => text(right['at']).localeCompare(text(left['at'])));
  return newest === undefined ? null : `${text(newest['what'])}: ${text(newest['detail'])}`.replaceAll(/\s+/g, ' ');
};
