import { openPortfolio } from '../../app/index.ts';
import { formatFault } from '../../config/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';

export const planCheck: Command = {
  name: 'plan check',
  summary: 'Check a portfolio file without planning',
  arguments: '[file]',
  positionalsMin: 0,
  positionalsMax: 1,
  options: { portfolio: { type: 'string' } },
  optionHelp: { portfolio: 'portfolio file (default ./portfolio.yaml)' },
  run: async ({ options, positionals, terminal }) => {
    const file = positionals[0] ?? textOption(options, 'portfolio') ?? 'portfolio.yaml';
    const reading = await openPortfolio({ file, cwd: terminal.cwd });
    const faults = reading.ok ? [] : reading.fault.map(formatFault);
    const warnings = reading.ok ? reading.value.warnings.map(formatFault) : [];
    if (options['json'] === true) terminal.out(`${JSON.stringify({ file, valid: reading.ok, faults, warnings })}\n`);
    else {
      for (const line of [...faults, ...warnings.map((warning) => `warning: ${warning}`)]) terminal.err(`${line}\n`);
      if (reading.ok) terminal.out(`${file} is valid\n`);
    }
    return reading.ok ? exitCodes.ok : exitCodes.usage;
  },
};
