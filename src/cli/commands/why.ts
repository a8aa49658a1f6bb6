import { isUuidV7 } from '../../kernel/index.ts';
import { UsageError, type Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { dollars } from '../text/dollars.ts';
import { percent } from '../text/percent.ts';
import { scoreText } from '../text/scoreText.ts';
import { table, type Column } from '../text/table.ts';
import { termsText } from '../text/termsText.ts';

type Candidate = Readonly<Record<string, unknown>>;

/** Why it was not taken: what speaks against it, or by how much its score is the larger one. */
const against = (candidate: Candidate, chosen: Candidate | undefined): string => {
  if (typeof candidate['reason'] === 'string') return candidate['reason'];
  const [score, least] = [candidate['score'], chosen?.['score']];
  return typeof score === 'number' && typeof least === 'number' && score > least
    ? `${scoreText(score - least)} more`
    : '';
};

/** A column, and what stands in it for a candidate. */
interface CandidateColumn extends Column {
  readonly cell: (candidate: Candidate, chosen: Candidate | undefined) => string;
}

const columnsAlways: readonly CandidateColumn[] = [
  { head: '', cell: (candidate, chosen) => (candidate === chosen ? '->' : '') },
  { head: 'TARGET', cell: ({ target }) => text(target) },
  { head: 'EXPECTED', right: true, cell: ({ expectedUsd }) => scoreText(expectedUsd) },
];

const movedText = (decision: Readonly<Record<string, unknown>>): string => {
  const { from, usd } = record(decision['move']);
  return typeof usd === 'number' ? `, away from the prompt cache of ${text(from)}, worth $${usd.toFixed(6)}` : '';
};

/** Where a score is more than the expected cost. */
const columnsOfTerms: readonly CandidateColumn[] = [
  { head: 'SCORE', right: true, cell: ({ score }) => scoreText(score) },
  { head: 'MADE OF', cell: ({ terms }) => termsText(record(terms)) },
];

const columnAgainst: CandidateColumn = { head: 'AGAINST IT', cell: against };

const seamText = (seam: Readonly<Record<string, unknown>>): string => {
  const left = seam['trimmed'] === 0 ? '' : `, without ${text(seam['trimmed'])} that were there already`;
  const refused = typeof seam['refused'] === 'string' ? `; not taken: ${seam['refused']}` : '';
  return `goes on where ${text(seam['from'])} broke off, behind ${text(seam['textLength'])} characters, by ${text(seam['by'])}${left}${refused}`;
};

const decisionText = (decision: Readonly<Record<string, unknown>>): string => {
  if (typeof decision['limited'] === 'string') return `not let in by a rate limit: ${decision['limited']}`;
  const forced = typeof decision['forced'] === 'string' ? `, forced: ${decision['forced']}` : '';
  const head = `attempt ${text(decision['attempt'])}: ${decision['chosen'] === null ? 'nobody was eligible' : text(decision['chosen'])}${forced}${movedText(decision)}`;
  const candidates = records(decision['candidates']);
  const chosen = candidates.find(({ target }) => target === decision['chosen']);
  const hasTerms = candidates.some(({ terms }) => terms !== undefined);
  const columns = [...columnsAlways, ...(hasTerms ? columnsOfTerms : []), columnAgainst];
  const rows = candidates.map((candidate) => columns.map(({ cell }) => cell(candidate, chosen)));
  const rules = Array.isArray(decision['rules']) ? decision['rules'].map((rule) => `  ${text(rule)}\n`).join('') : '';
  const seam = decision['seam'] === undefined ? '' : `\n${seamText(record(decision['seam']))}`;
  return `${head}${seam}\n${rules}${table(columns, rows)}`;
};

const outcomeText = (outcome: Readonly<Record<string, unknown>>): string => {
  const failure = record(outcome['failure']);
  const status = typeof failure['status'] === 'number' ? ` ${failure['status']}` : '';
  return outcome['kind'] === 'failed'
    ? `${text(failure['class'])}: ${text(failure['cause'])}${status}`
    : text(outcome['kind']);
};

/** What was found out of its cost later. */
const correctionText = (correction: Readonly<Record<string, unknown>>): string =>
  `  corrected by ${dollars(correction['amountNanoUsd'])}: ${text(correction['reason'])}`;

/** Where the database does not tell, or not soon enough. */
export const correctionsUnknown = 'whether its cost was corrected later is not known now: the database does not tell';

const attemptText = (
  attempt: Readonly<Record<string, unknown>>,
  corrections: readonly Readonly<Record<string, unknown>>[],
): string => {
  const corrected = corrections
    .filter(({ attemptId }) => attemptId === attempt['attemptId'])
    .map((correction) => `\n${correctionText(correction)}`)
    .join('');
  const lines = records(attempt['lines']).map((line) => [
    `  ${text(line['bucket'])}`,
    text(line['units']),
    `${dollars(line['priceNanoUsdPerMillion'])}/M`,
    line['discount'] === '0' ? '' : `-${percent(Number(line['discount']))}`,
    dollars(line['amountNanoUsd']),
    text(line['source']),
  ]);
  const edits =
    Array.isArray(attempt['edits']) && attempt['edits'].length > 0 ? `, edits: ${attempt['edits'].join(', ')}` : '';
  const contract = typeof attempt['contract'] === 'string' ? `, drawn on ${attempt['contract']}` : '';
  const head = `attempt ${text(attempt['attempt'])} at ${text(attempt['provider'])}/${text(attempt['targetModel'])}: ${outcomeText(record(attempt['outcome']))}, ${text(attempt['durationMs'])} ms, ${dollars(attempt['amountNanoUsd'])} (${text(attempt['basis'])})${contract}${edits}`;
  if (lines.length === 0) return `${head}${corrected}`;
  const columns = [
    { head: '  BUCKET' },
    { head: 'UNITS', right: true },
    { head: 'PRICE', right: true },
    { head: 'DISCOUNT', right: true },
    { head: 'AMOUNT', right: true },
    { head: 'SOURCE' },
  ];
  return `${head}\n${table(columns, lines)}${corrected}`;
};

const render = (body: unknown): string => {
  const { request, attempts, corrections } = record(body);
  const of = record(request);
  const code = typeof of['errorCode'] === 'string' ? ` ${of['errorCode']}` : '';
  return [
    `request ${text(of['requestId'])}: ${text(of['model'])} for ${text(of['key'])} (${text(of['team'])}), ${text(of['status'])}${code} after ${text(of['durationMs'])} ms`,
    ...records(of['decisions']).map(decisionText),
    ...records(attempts).map((attempt) => attemptText(attempt, records(corrections))),
    ...(corrections === null ? [correctionsUnknown] : []),
  ].join('\n\n');
};

export const why: Command = {
  name: 'why',
  summary: 'Why a request went where it went, and what it cost',
  arguments: '<request id>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: connectOptions,
  optionHelp: connectHelp,
  run: async (invocation) => {
    const [id = ''] = invocation.positionals;
    if (!isUuidV7(id))
      throw new UsageError(`${id} is no request id: it stands in the header x-archipel-request-id of each answer`);
    return askAndPrint(invocation, true, (client) => client.get(`/admin/v1/requests/${id}`), render);
  },
};
