import type { Command } from '../Command.ts';
import { askAndPrint, connectHelp, connectOptions } from '../connect.ts';
import { record, records, text } from '../record.ts';
import { dollars } from '../text/dollars.ts';
import { hours } from '../text/hours.ts';
import { percent } from '../text/percent.ts';
import { table, type Column } from '../text/table.ts';

/** Contracts of the API as a table. */
export const contractsTable = (body: unknown): string => {
  const contracts = records(record(body)['contracts']);
  return contracts.length === 0 ? 'none' : tableOf(contracts);
};

/** What was drawn, and what can still be: dollars, or a slot's accelerator-hours of those reserved so far, and those to come. */
const drawnAndLeft = (contract: ReturnType<typeof record>): readonly [drawn: string, left: string] =>
  typeof contract['drawnHours'] === 'number'
    ? [
        `${hours(contract['drawnHours'])} h of ${hours(contract['reservedHours'])} h`,
        `${hours(contract['remainingHours'])} h`,
      ]
    : [dollars(contract['drawnNanoUsd']), dollars(contract['remainingNanoUsd'])];

type Contract = ReturnType<typeof record>;

/** A column, what stands in it for a contract, and whether it says anything. */
interface ContractColumn extends Column {
  readonly cell: (contract: Contract) => string;
}

const always: readonly ContractColumn[] = [
  { head: 'CONTRACT', cell: ({ id }) => text(id) },
  { head: 'KIND', cell: ({ kind }) => text(kind) },
  { head: 'VENDOR', cell: ({ vendor }) => text(vendor) },
  {
    head: 'COMMITTED',
    right: true,
    cell: ({ committedNanoUsd, commitment }) =>
      committedNanoUsd === null ? text(commitment) : dollars(committedNanoUsd),
  },
  { head: 'DUE NOW', right: true, cell: ({ dueNanoUsd }) => dollars(dueNanoUsd) },
  { head: 'DRAWN', right: true, cell: (contract) => drawnAndLeft(contract)[0] },
  { head: 'LEFT', right: true, cell: (contract) => drawnAndLeft(contract)[1] },
  { head: 'ELAPSED', right: true, cell: ({ elapsedShare }) => percent(elapsedShare) },
  { head: 'UNTIL', cell: ({ windowUntil }) => text(windowUntil).slice(0, 10) },
];

const projectionOf = (contract: Contract): Contract | null =>
  typeof contract['projection'] === 'object' && contract['projection'] !== null ? record(contract['projection']) : null;

const nothing = '-';

const factor = (figure: unknown): string => (typeof figure === 'number' ? figure.toFixed(3) : nothing);

/** The ends of a band that is projected, "low to high"; one figure where they read the same. */
const band = (contract: Contract, name: string, unit: string, shown: (figure: unknown) => string): string => {
  const projection = projectionOf(contract);
  if (projection?.[`${name}Low${unit}`] === undefined) return nothing;
  const [low, high] = [shown(projection[`${name}Low${unit}`]), shown(projection[`${name}High${unit}`])];
  return low === high ? low : `${low} to ${high}`;
};

/** Told where at least one contract has something to say of it. */
const sometimes: readonly ContractColumn[] = [
  { head: 'WORTH', right: true, cell: ({ multiplier }) => factor(multiplier) },
  { head: 'BID', right: true, cell: ({ bid }) => factor(bid) },
  { head: 'LIKELY DRAWN', right: true, cell: (contract) => band(contract, 'spent', 'NanoUsd', dollars) },
  { head: 'LIKELY SHORTFALL', right: true, cell: (contract) => band(contract, 'shortfall', 'NanoUsd', dollars) },
  { head: 'UNUSED', right: true, cell: ({ unusedShare }) => percent(unusedShare) },
  { head: 'LIKELY UNUSED', right: true, cell: (contract) => band(contract, 'unused', 'Share', percent) },
];

const tableOf = (contracts: readonly Contract[]): string => {
  const columns = [...always, ...sometimes.filter(({ cell }) => contracts.some((one) => cell(one) !== nothing))];
  return table(
    columns,
    contracts.map((contract) => columns.map(({ cell }) => cell(contract))),
  );
};

export const contracts: Command = {
  name: 'contracts',
  summary: 'Contracts and how far they are drawn down',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: connectOptions,
  optionHelp: connectHelp,
  run: (invocation) => askAndPrint(invocation, true, (client) => client.get('/admin/v1/contracts'), contractsTable),
};
