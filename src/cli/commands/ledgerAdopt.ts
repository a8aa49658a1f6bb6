import { loadOperating } from '../../app/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';
import { interruption } from '../interruption.ts';
import { printableLines } from '../text/printable.ts';

export const ledgerAdopt: Command = {
  name: 'ledger adopt',
  summary: 'Bring the spool of a server that is gone for good into the ledger',
  arguments: '<data dir|spool folder>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
  optionHelp: {
    config: 'configuration file of the servers that go on',
    'data-dir': 'data directory of a server that goes on, where the database is embedded in it',
  },
  run: async ({ positionals, options, terminal }) => {
    const { adopt } = await loadOperating();
    const { signal, forget } = interruption();
    try {
      const adopted = await adopt({
        target: positionals[0] ?? '',
        config: textOption(options, 'config'),
        dataDir: textOption(options, 'data-dir'),
        env: terminal.env,
        cwd: terminal.cwd,
        tell: (text) => terminal.err(text),
        signal,
      });
      const { instance, wasAdopted, intentsWithoutFinal, finals, requests, tornBytes } = adopted;
      const said = wasAdopted
        ? `The spool ${instance} was adopted before; nothing was left to do.\n`
        : `The spool ${instance} is in the ledger: ${finals} attempts and ${requests} requests that were not there, ${intentsWithoutFinal} of them cut off, whose cost is unknown within their holds` +
          `${tornBytes > 0 ? `; ${tornBytes} bytes at its end were cut off in the middle of a write` : ''}.\nNo server starts on it any more: its folder may be removed.\n`;
      terminal.out(options['json'] === true ? `${JSON.stringify(adopted)}\n` : printableLines(said));
      return exitCodes.ok;
    } finally {
      forget();
    }
  },
};
