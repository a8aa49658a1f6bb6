import { record, records, text } from '../record.ts';
import { count } from './count.ts';
import { expectedUsd } from './expectedUsd.ts';
import { hours } from './hours.ts';
import { instant } from './instant.ts';
import { table } from './table.ts';

type Fields = Readonly<Record<string, unknown>>;

const whereText = ({ site, vendor, region }: Fields): string =>
  typeof site === 'string' ? site : [vendor, region].filter((part) => typeof part === 'string').join(' ');

const candidateRow = (mark: string, candidate: Fields): readonly string[] => {
  const expected = record(candidate['expected']);
  return [
    mark,
    whereText(candidate),
    `${count(candidate['accelerators'])} x ${text(candidate['accelerator'])}`,
    typeof candidate['contract'] === 'string'
      ? `${text(candidate['basis'])} ${candidate['contract']}`
      : text(candidate['basis']),
    expectedUsd(expected['usd']),
    hours(expected['hours']),
    text(candidate['reason']),
  ];
};

const refusedText = (refused: unknown): string =>
  Object.entries(record(refused))
    .filter(([, times]) => typeof times === 'number' && times > 0)
    .map(([reason, times]) => `${count(times)} ${reason.replaceAll('_', ' ')}`)
    .join(', ');

const headText = (decision: Fields): string => {
  const attempt = decision['attempt'];
  const outcome =
    decision['chosen'] === null
      ? 'nothing could be taken'
      : `attempt ${text(attempt)} went to ${whereText(record(decision['chosen']))}`;
  const decidedAtMs = decision['decidedAtMs'];
  const at = typeof decidedAtMs === 'number' ? instant(new Date(decidedAtMs).toISOString()) : '-';
  return `${at}  ${outcome}`;
};

const decisionText = (decision: Fields): string => {
  const rows = [
    ...(decision['chosen'] === null ? [] : [candidateRow('->', record(decision['chosen']))]),
    ...records(decision['others']).map((candidate) => candidateRow('', candidate)),
  ];
  const columns = [
    { head: '' },
    { head: 'WHERE' },
    { head: 'TAKES' },
    { head: 'BASIS' },
    { head: 'EXPECTED COST', right: true },
    { head: 'HOURS', right: true },
    { head: 'REASON' },
  ];
  const refused = refusedText(decision['refused']);
  return [
    headText(decision),
    ...(rows.length === 0 ? [] : [table(columns, rows)]),
    `weighed ${count(decision['weighed'])} offers${refused === '' ? '' : `; refused: ${refused}`}`,
  ].join('\n');
};

/** Where a job was placed and why, and why not elsewhere: one table a decision, the newest first. */
export const explanationText = (body: unknown): string => {
  const { id, state, decisions } = record(body);
  const made = records(decisions);
  const head = `job ${text(id)} is ${text(state)}`;
  return made.length === 0 ? `${head}; nothing was decided yet` : [head, ...made.map(decisionText)].join('\n\n');
};
