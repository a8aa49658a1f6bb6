import { checkFile } from '../../app/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';

export const check: Command = {
  name: 'check',
  summary: 'Check a configuration file without using it',
  arguments: '[file]',
  positionalsMin: 0,
  positionalsMax: 1,
  options: { config: { type: 'string' } },
  optionHelp: { config: 'configuration file (else ARCHIPEL_CONFIG, else ./archipel.yaml)' },
  run: async ({ options, positionals, terminal }) => {
    const report = await checkFile({
      config: positionals[0] ?? textOption(options, 'config'),
      env: terminal.env,
      cwd: terminal.cwd,
    });
    if (options['json'] === true) terminal.out(`${JSON.stringify(report)}\n`);
    else {
      for (const line of [...report.faults, ...report.warnings.map((warning) => `warning: ${warning}`)])
        terminal.err(`${line}\n`);
      if (report.valid) terminal.out(`${report.file} is valid\n`);
    }
    return report.valid ? exitCodes.ok : exitCodes.usage;
  },
};
