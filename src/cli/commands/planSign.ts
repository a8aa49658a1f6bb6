import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { portfolioFiles } from '../../app/index.ts';
import { formatFault, nearestName } from '../../config/index.ts';
import { exitCodes, textOption, UsageError, type Command, type Invocation } from '../Command.ts';
import { readNamedFile } from '../readNamedFile.ts';
import { planOfFile } from './planDiff.ts';
import { type SavedDecision, type SavedPlan, readPortfolio, signedFrom } from '../../planner/index.ts';

const offersOf = ({ options, positionals }: Invocation): readonly string[] => {
  const names = [...(textOption(options, 'offer') ?? '').split(','), ...positionals].flatMap(
    (name) => name.trim() || [],
  );
  if (names.length === 0)
    throw new UsageError('--offer takes what was signed: names of offers of the plan, such as a,b');
  return [...new Set(names)];
};

/** Decisions of the named offers, of one beginning where that is told. @throws UsageError where a name fits none. */
const chosenOf = (plan: SavedPlan, names: readonly string[], start: string | undefined): readonly SavedDecision[] =>
  names.flatMap((name) => {
    const rows = plan.decisions.filter(({ offer }) => offer === name);
    const chosen = start === undefined ? rows : rows.filter((row) => row.start === start);
    if (chosen.length > 0) return chosen;
    if (rows.length > 0)
      throw new UsageError(
        `the plan does not begin "${name}" on ${start ?? ''}, but on ${rows.map((row) => row.start).join(', ')}`,
      );
    const near = nearestName(
      name,
      plan.decisions.map(({ offer }) => offer),
    );
    throw new UsageError(`the plan does not sign "${name}"${near === null ? '' : `; did you mean "${near}"?`}`);
  });

/** What is written must be readable, or nothing is written. */
const check = (invocation: Invocation, file: string, text: string): void => {
  const { readText, readShared } = portfolioFiles({ file, cwd: invocation.terminal.cwd });
  const reading = readPortfolio(text, file, readText, readShared);
  if (!reading.ok)
    throw new UsageError(`signed, the portfolio would have faults:\n${reading.fault.map(formatFault).join('\n')}`);
  for (const warning of reading.value.warnings) invocation.terminal.err(`warning: ${formatFault(warning)}\n`);
};

export const planSign: Command = {
  name: 'plan sign',
  summary: 'Write decisions that were signed into the portfolio as contracts, so that the next plan keeps them',
  arguments: '[offer...]',
  positionalsMin: 0,
  positionalsMax: 64,
  options: {
    portfolio: { type: 'string' },
    plan: { type: 'string' },
    offer: { type: 'string' },
    start: { type: 'string' },
    write: { type: 'boolean' },
  },
  optionHelp: {
    portfolio: 'portfolio file (default ./portfolio.yaml)',
    plan: 'what "archipel plan --json" printed',
    offer: 'names of offers that were signed as planned: a,b',
    start: 'only what begins on this day',
    write: 'change the file instead of printing it',
  },
  run: async (invocation) => {
    const { options, terminal } = invocation;
    const file = textOption(options, 'portfolio') ?? 'portfolio.yaml';
    const planFile = textOption(options, 'plan');
    if (planFile === undefined)
      throw new UsageError('--plan takes the file of a plan: save what "archipel plan --json" prints');
    const plan = planOfFile(terminal.cwd, planFile);
    const chosen = chosenOf(plan, offersOf(invocation), textOption(options, 'start'));
    const bytes = readNamedFile(terminal.cwd, file);
    if (createHash('sha256').update(bytes).digest('hex') !== plan.inputs.sha256)
      terminal.err(`note: ${file} was changed since it was planned; the terms are the plan's\n`);
    const signed = signedFrom(bytes.toString('utf8'), plan, chosen);
    if (!signed.ok) throw new UsageError(signed.fault);
    check(invocation, file, signed.value.text);
    if (options['write'] === true) writeFileSync(resolve(terminal.cwd, file), signed.value.text);
    const { added, text } = signed.value;
    if (chosen.some(({ kind }) => kind !== 'pool'))
      terminal.err(
        'note: floors and slots that are still offered may be planned once more: take out of "offers" what cannot be\n',
      );
    if (options['json'] === true)
      terminal.out(`${JSON.stringify({ added, ...(options['write'] === true ? { file } : { portfolio: text }) })}\n`);
    else terminal.out(options['write'] === true ? `${file} has ${added.length} more: ${added.join(', ')}\n` : text);
    return Promise.resolve(exitCodes.ok);
  },
};
