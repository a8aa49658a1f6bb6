import { loadOperating } from '../../app/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';
import { printableLines } from '../text/printable.ts';
import { sizeText } from '../text/sizeText.ts';

export const supportBundle: Command = {
  name: 'support-bundle',
  summary: 'Gather in one file what helps others to help, without secrets',
  arguments: '<file>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: {
    config: { type: 'string' },
    'data-dir': { type: 'string' },
    log: { type: 'string' },
    offline: { type: 'boolean' },
  },
  optionHelp: {
    config: 'configuration file (else ARCHIPEL_CONFIG, else ./archipel.yaml)',
    'data-dir': 'data directory of the server',
    log: "file that the server's log was sent to: its last lines are added",
    offline: 'ask no provider',
  },
  run: async ({ positionals, options, terminal }) => {
    const { writeBundle } = await loadOperating();
    const summary = await writeBundle({
      target: positionals[0] ?? '',
      log: textOption(options, 'log') ?? null,
      providers: options['offline'] !== true,
      config: textOption(options, 'config'),
      dataDir: textOption(options, 'data-dir'),
      env: terminal.env,
      cwd: terminal.cwd,
      tell: () => {},
    });
    const said = `${summary.path}: ${sizeText(summary.bytes)}
${summary.files.map((name) => `  ${name}`).join('\n')}
No prompt, no record and no secret is in it. It names hosts, providers, teams and keys: look at it before you send it (tar -xzf).\n`;
    terminal.out(options['json'] === true ? `${JSON.stringify(summary)}\n` : printableLines(said));
    return exitCodes.ok;
  },
};
