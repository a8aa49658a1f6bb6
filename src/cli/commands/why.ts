import { isUuidV7 } from '../../kernel/index.ts';
import { UsageError, type Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { dollars } from '../text/dollars.ts';
import { percent } from '../text/percent.ts';
import { table } from '../text/table.ts';

const candidateRow = (chosen: unknown, candidate: Readonly<Record<string, unknown>>): readonly string[] => [
  candidate['target'] === chosen ? '->' : '',
  text(candidate['target']),
  typeof candidate['expectedUsd'] === 'number' ? `$${candidate['expectedUsd'].toFixed(6)}` : '-',
  typeof candidate['reason'] === 'string' ? candidate['reason'] : '',
];

const movedText = (decision: Readonly<Record<string, unknown>>): string => {
  const { from, usd } = record(decision['move']);
  return typeof usd === 'number' ? `, away from the prompt cache of ${text(from)}, worth $${usd.toFixed(6)}` : '';
};

const decisionText = (decision: Readonly<Record<string, unknown>>): string => {
  if (typeof decision['limited'] === 'string') return `not let in by a rate limit: ${decision['limited']}`;
  const forced = typeof decision['forced'] === 'string' ? `, forced: ${decision['forced']}` : '';
  const head = `attempt ${text(decision['attempt'])}: ${decision['chosen'] === null ? 'nobody was eligible' : text(decision['chosen'])}${forced}${movedText(decision)}`;
  const rows = records(decision['candidates']).map((candidate) => candidateRow(decision['chosen'], candidate));
  const rules = Array.isArray(decision['rules']) ? decision['rules'].map((rule) => `  ${text(rule)}\n`).join('') : '';
  return `${head}\n${rules}${table([{ head: '' }, { head: 'TARGET' }, { head: 'EXPECTED', right: true }, { head: 'AGAINST IT' }], rows)}`;
};

const outcomeText = (outcome: Readonly<Record<string, unknown>>): string => {
  const failure = record(outcome['failure']);
  const status = typeof failure['status'] === 'number' ? ` ${failure['status']}` : '';
  return outcome['kind'] === 'failed'
    ? `${text(failure['class'])}: ${text(failure['cause'])}${status}`
    : text(outcome['kind']);
};

const attemptText = (attempt: Readonly<Record<string, unknown>>): string => {
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
  if (lines.length === 0) return head;
  const columns = [
    { head: '  BUCKET' },
    { head: 'UNITS', right: true },
    { head: 'PRICE', right: true },
    { head: 'DISCOUNT', right: true },
    { head: 'AMOUNT', right: true },
    { head: 'SOURCE' },
  ];
  return `${head}\n${table(columns, lines)}`;
};

const render = (body: unknown): string => {
  const { request, attempts } = record(body);
  const of = record(request);
  const code = typeof of['errorCode'] === 'string' ? ` ${of['errorCode']}` : '';
  return [
    `request ${text(of['requestId'])}: ${text(of['model'])} for ${text(of['key'])} (${text(of['team'])}), ${text(of['status'])}${code} after ${text(of['durationMs'])} ms`,
    ...records(of['decisions']).map(decisionText),
    ...records(attempts).map(attemptText),
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
