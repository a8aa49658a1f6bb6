import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Right } from '../access/index.ts';
import { calendarWindow } from '../ledger/index.ts';
import type { ControlPlane, ExportDataset, ExportQuestion } from './ControlPlane.ts';
import { sendFault } from './sendAnswer.ts';

const exportQuery = {
  type: 'object',
  additionalProperties: false,
  properties: {
    by: { type: 'string', enum: ['hour', 'day', 'month'], description: 'Period of one row; else day' },
    from: { type: 'string', format: 'date-time', description: 'Else the first day of this month, UTC; whole minutes' },
    to: { type: 'string', format: 'date-time', description: 'First instant after; else now' },
  },
} as const;

interface ExportQuery {
  readonly by?: ExportQuestion['by'];
  readonly from?: string;
  readonly to?: string;
}

/** Lines that are written at once: each by itself would be a write of its own. Characters. */
const gatheredMax = 65_536;

async function* gathered(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const line of lines) {
    text += line;
    if (text.length < gatheredMax) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

const minuteMs = 60_000;

/** Whole minutes: what floors are paid by. */
const questionOf = (dataset: ExportDataset, { by = 'day', from, to }: ExportQuery): ExportQuestion => {
  const toMs = Math.ceil((to === undefined ? Date.now() : Date.parse(to)) / minuteMs) * minuteMs;
  const fromMs =
    from === undefined
      ? calendarWindow('month', toMs - 1, 'UTC').fromMs
      : Math.floor(Date.parse(from) / minuteMs) * minuteMs;
  return { dataset, by, fromMs, toMs };
};

const sendLines = async (reply: FastifyReply, control: ControlPlane, asked: ExportQuestion): Promise<FastifyReply> => {
  if (asked.fromMs >= asked.toMs)
    return sendFault(reply, 'bad_control_request', 'from must be before to: nothing lies between them.');
  const lines = await control.exportLines(asked);
  if (!lines.ok) return sendFault(reply, lines.fault.code, lines.fault.message);
  return reply
    .header('content-type', 'text/csv; charset=utf-8; header=present')
    .header('content-disposition', `attachment; filename="${asked.dataset}.csv"`)
    .send(Readable.from(gathered(lines.value)));
};

const summaries = {
  'cost-and-usage': 'The ledger as FOCUS Cost and Usage rows, as comma-separated values',
  'contract-commitment': 'Contracts as FOCUS Contract Commitment rows, as comma-separated values',
} as const satisfies Record<ExportDataset, string>;

/** Routes by which finance takes the ledger away. */
export const exportRoutes = (scope: FastifyInstance, control: ControlPlane): void => {
  const add = (dataset: ExportDataset, policy: Right): void => {
    scope.get<{ Querystring: ExportQuery }>(
      `/admin/v1/exports/${dataset}`,
      { config: { policy }, schema: { summary: summaries[dataset], querystring: exportQuery } },
      async ({ query }, reply) => sendLines(reply, control, questionOf(dataset, query)),
    );
  };
  add('cost-and-usage', 'usage:read');
  add('contract-commitment', 'contracts:read');
};
