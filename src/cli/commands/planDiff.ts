import { openPortfolio } from '../../app/index.ts';
import { formatFault } from '../../config/index.ts';
import { exitCodes, textOption, UsageError, type Command, type Invocation } from '../Command.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { table } from '../text/table.ts';
import {
  type DecisionChanges,
  type FigureChange,
  type PlanDiff,
  type PlannedPortfolios,
  type Portfolio,
  type SavedDecision,
  type SavedPlan,
  planDiff as differenceOf,
  readSavedPlan,
} from '../../planner/index.ts';

/** @throws UsageError where the file holds no plan. */
export const planOfFile = (cwd: string, file: string): SavedPlan => {
  const plan = readSavedPlan(readNamedFile(cwd, file).toString());
  if (!plan.ok) throw new UsageError(`${file}: ${plan.fault}`);
  return plan.value;
};

/** The portfolio that a plan was made from, by the bytes of its files. @throws UsageError where it is another. */
const portfolioOf = async (cwd: string, file: string, plan: SavedPlan): Promise<Portfolio> => {
  const reading = await openPortfolio({ file, cwd });
  if (!reading.ok) throw new UsageError(reading.fault.map(formatFault).join('\n'));
  const { portfolio, hash, from } = reading.value;
  const { sha256, from: planned } = plan.inputs;
  if (hash !== sha256)
    throw new UsageError(
      `${file} is not the portfolio of that plan: its bytes are others (SHA-256 ${sha256} was planned)`,
    );
  if (from?.hash !== planned?.sha256)
    throw new UsageError(
      `${from?.file ?? 'the file that it took over from'} is not what that plan took over: its bytes are others (SHA-256 ${planned?.sha256 ?? 'none'} was planned)`,
    );
  return portfolio;
};

const portfoliosOf = async (
  { options, terminal }: Invocation,
  plans: { readonly before: SavedPlan; readonly after: SavedPlan },
): Promise<PlannedPortfolios | null> => {
  const [before, after] = [textOption(options, 'before'), textOption(options, 'after')];
  if (before === undefined && after === undefined) return null;
  if (before === undefined || after === undefined)
    throw new UsageError('--before and --after go together: name both portfolio files');
  return {
    before: await portfolioOf(terminal.cwd, before, plans.before),
    after: await portfolioOf(terminal.cwd, after, plans.after),
  };
};

const amount = (value: number | null): string =>
  value === null ? '-' : value.toLocaleString('en-US', { maximumSignificantDigits: 5 });

const signed = (value: number | null): string => (value !== null && value > 0 ? `+${amount(value)}` : amount(value));

const decisionText = ({ vendor, offer, kind, start, months, usd, quantity, unit }: SavedDecision): string =>
  `${vendor} ${offer} (${kind}): ${usd ?? `${quantity ?? ''} ${unit ?? ''}`}, ${months} months from ${start}`;

const decisionLines = ({ kept, signed: contracts, changed, added, gone }: DecisionChanges): readonly string[] => [
  ...added.map((decision) => `  + ${decisionText(decision)}`),
  ...gone.map((decision) => `  - ${decisionText(decision)}`),
  ...changed.map(({ before, after }) => `  ~ ${decisionText(before)}\n    now ${decisionText(after)}`),
  ...contracts.map(({ decision, contract }) => `  = ${decisionText(decision)}: signed, contract ${contract}`),
  ...kept.map((decision) => `  = ${decisionText(decision)}`),
];

const inputLines = ({ inputs, circumstances }: PlanDiff): readonly string[] => [
  ...(inputs.known === 'same' ? ['  the same portfolio, to the byte'] : []),
  ...(inputs.known === 'unknown' ? ['  the portfolios differ; --before FILE --after FILE tells in what'] : []),
  ...inputs.changes.map(
    ({ part, path, before, after }) => `  ${part}: ${path}: ${before ?? 'not there'} -> ${after ?? 'gone'}`,
  ),
  ...circumstances.map(({ name, before, after }) => `  ${name}: ${before || 'none'} -> ${after || 'none'}`),
];

const costTable = (figures: readonly FigureChange[]): string =>
  table(
    [
      { head: 'COST' },
      { head: 'BEFORE', right: true },
      { head: 'AFTER', right: true },
      { head: 'CHANGE', right: true },
    ],
    figures.map(({ name, before, after, change }) => [name, amount(before), amount(after), signed(change)]),
  );

const rendered = (diff: PlanDiff): string => {
  const proof = diff.objective.isProven
    ? 'their bounds are apart'
    : 'within what the searches left open, or not proven';
  const decisions = decisionLines(diff.decisions);
  return [
    'Inputs',
    ...inputLines(diff),
    'Decisions',
    ...(decisions.length === 0 ? ['  none in either'] : decisions),
    costTable([diff.objective, ...diff.costs]),
    ...(diff.isComparable
      ? [`Change of the objective: ${proof}`]
      : ['The plans are in two currencies: amounts are not compared']),
  ].join('\n');
};

export const planDiff: Command = {
  name: 'plan diff',
  summary: 'What changed between two saved plans, and what of their inputs did',
  arguments: '<before.json> <after.json>',
  positionalsMin: 2,
  positionalsMax: 2,
  options: { before: { type: 'string' }, after: { type: 'string' } },
  optionHelp: {
    before: 'portfolio file of the first plan, to tell what in it changed',
    after: 'portfolio file of the second plan',
  },
  run: async (invocation) => {
    const { options, positionals, terminal } = invocation;
    const [first = '', second = ''] = positionals;
    const plans = { before: planOfFile(terminal.cwd, first), after: planOfFile(terminal.cwd, second) };
    const diff = differenceOf(plans.before, plans.after, await portfoliosOf(invocation, plans));
    terminal.out(`${options['json'] === true ? JSON.stringify(diff) : rendered(diff)}\n`);
    return exitCodes.ok;
  },
};
