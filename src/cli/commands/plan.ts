import { statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { planPortfolio, type PlanOutcome } from '../../app/index.ts';
import {
  isLanguage,
  languages,
  planCsv,
  planHtml,
  planSentences,
  wordingOf,
  type Language,
  type PlanDocument,
} from '../../planner/index.ts';
import {
  exitCodes,
  textOption,
  UsageError,
  type Command,
  type ExitCode,
  type OptionValues,
  type Terminal,
} from '../Command.ts';
import { interruption } from '../interruption.ts';
import { PlanProgressLine } from '../text/PlanProgressLine.ts';
import { plainSpaces, planTables } from '../text/planTables.ts';

const cpuSecondsDefault = 60;
const cpuSecondsMax = 86_400;

const numberOption = (options: OptionValues, name: string, what: string, isFit: (value: number) => boolean) => {
  const text = textOption(options, name);
  if (text === undefined) return null;
  const value = /^\d{1,10}(?:\.\d{1,9})?$/.test(text) ? Number(text) : Number.NaN;
  if (!isFit(value)) throw new UsageError(`--${name} takes ${what}, not ${text}`);
  return value;
};

const languageOption = (options: OptionValues): Language => {
  const text = textOption(options, 'lang') ?? 'en';
  if (!isLanguage(text)) throw new UsageError(`--lang takes ${languages.join(' or ')}, not ${text}`);
  return text;
};

/** What the options ask for. */
const readOptions = (options: OptionValues) => ({
  file: textOption(options, 'portfolio') ?? 'portfolio.yaml',
  cpuSeconds:
    numberOption(
      options,
      'cpu',
      `CPU-seconds above 0, at most ${cpuSecondsMax}`,
      (value) => value > 0 && value <= cpuSecondsMax,
    ) ?? cpuSecondsDefault,
  seed: numberOption(
    options,
    'seed',
    'a whole number up to 4294967295',
    (value) => Number.isInteger(value) && value <= 0xffff_ffff,
  ),
  gap: numberOption(options, 'require-gap', 'a share below 1, such as 0.01', (value) => value < 1),
  audit: options['audit'] === true,
  language: languageOption(options),
});

const reports = [
  { name: 'html', render: planHtml },
  { name: 'csv', render: planCsv },
] as const;

/** Whether reports can be written where they were asked for: better known now than after the plan. @throws UsageError */
const checkReports = (options: OptionValues, terminal: Terminal): void => {
  for (const { name } of reports) {
    const path = textOption(options, name);
    if (path === undefined) continue;
    const folder = dirname(resolve(terminal.cwd, path));
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new UsageError(`--${name} takes a file in a folder that exists, not ${path}`);
  }
};

const writeReports = async (
  options: OptionValues,
  plan: PlanDocument,
  language: Language,
  terminal: Terminal,
): Promise<void> => {
  for (const { name, render } of reports) {
    const path = textOption(options, name);
    if (path !== undefined) await writeFile(resolve(terminal.cwd, path), render(plan, language));
  }
};

/** Prints the answer. @returns what the command ends with. */
const tell = async (
  { document, warnings }: PlanOutcome,
  options: OptionValues,
  { gap: required, language }: Pick<ReturnType<typeof readOptions>, 'gap' | 'language'>,
  terminal: Terminal,
): Promise<ExitCode> => {
  for (const warning of warnings) terminal.err(`warning: ${warning}\n`);
  if (options['json'] === true) terminal.out(`${JSON.stringify(document)}\n`);
  const wording = wordingOf(language, document.currency);
  if (document.upperBound === null) {
    for (const sentence of planSentences.noPlanSentences(wording, document)) terminal.err(`${plainSpaces(sentence)}\n`);
    return exitCodes.failed;
  }
  await writeReports(options, document, language, terminal);
  if (options['json'] !== true) terminal.out(`${planTables(wording, document)}\n`);
  if (required === null || (document.gap !== null && document.gap <= required)) return exitCodes.ok;
  terminal.err(
    `archipel plan: the gap is ${document.gap === null ? 'unknown' : document.gap.toFixed(6)}, ${required} was required\n`,
  );
  return exitCodes.limitMissed;
};

export const plan: Command = {
  name: 'plan',
  summary: 'Which contracts to sign, with a proven gap, from a portfolio file',
  arguments: '',
  positionalsMin: 0,
  positionalsMax: 0,
  options: {
    portfolio: { type: 'string' },
    cpu: { type: 'string' },
    seed: { type: 'string' },
    'require-gap': { type: 'string' },
    audit: { type: 'boolean' },
    html: { type: 'string' },
    csv: { type: 'string' },
    lang: { type: 'string' },
  },
  optionHelp: {
    portfolio: 'portfolio file (default ./portfolio.yaml)',
    cpu: `CPU-seconds for search and answers (default ${cpuSecondsDefault})`,
    seed: "seed of futures and search (default the file's)",
    'require-gap': 'end with 5 unless the gap is proven to be at most this share: 0.01',
    audit: 'limit the work instead of the time: the same inputs give the same plan on any machine',
    html: 'write a report for people to this file',
    csv: 'write the contracts as rows of FOCUS Contract Commitment to this file',
    lang: 'language of sentences, tables and report: en or fr (default en)',
  },
  run: async ({ options, terminal }) => {
    const asked = readOptions(options);
    checkReports(options, terminal);
    const line = terminal.isTerminal ? new PlanProgressLine((text) => terminal.err(text)) : null;
    const { signal, forget } = interruption();
    try {
      const planned = await planPortfolio({
        ...asked,
        cwd: terminal.cwd,
        signal,
        onState: (state) => line?.search(state),
        onAnswer: (progress) => line?.answer(progress),
      });
      line?.clear();
      if (planned.ok) return await tell(planned.value, options, asked, terminal);
      for (const fault of planned.fault) terminal.err(`${fault}\n`);
      if (options['json'] === true)
        terminal.out(`${JSON.stringify({ file: asked.file, valid: false, faults: planned.fault })}\n`);
      return exitCodes.usage;
    } finally {
      line?.clear();
      forget();
    }
  },
};
