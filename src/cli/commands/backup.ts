import { loadOperating } from '../../app/index.ts';
import type { BackupSummary } from '../../store/index.ts';
import { exitCodes, textOption, type Command } from '../Command.ts';
import { interruption } from '../interruption.ts';
import { sizeText } from '../text/sizeText.ts';
import { printableLines } from '../text/printable.ts';

const said = (summary: BackupSummary): string => {
  const rows = Object.entries(summary.rows).filter(([, count]) => count > 0);
  const tables = rows.map(([table, count]) => `${table} ${count}`).join(', ') || 'no rows';
  const jobs =
    summary.jobFiles === 0
      ? ''
      : `\nNot in it: ${summary.jobFiles} files of the jobs' store, which it lists by name and size`;
  return `${summary.path}: ${sizeText(summary.bytes)}, as of ${summary.madeAt}
Database at migration ${summary.migration}: ${tables}
Spool: ${summary.spoolSegments} segments, ${sizeText(summary.spoolBytes)}${jobs}
Not in it: secrets. Keep the environment and the files that the configuration refers to by other means.
Try it: archipel restore ${summary.path} --data-dir <an empty folder>\n`;
};

export const backup: Command = {
  name: 'backup',
  summary: 'Write database, spool and configuration into one file, while the server runs or not',
  arguments: '<file|folder>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
  optionHelp: { config: 'configuration file of the server', 'data-dir': 'data directory of the server' },
  run: async ({ positionals, options, terminal }) => {
    const { backUp } = await loadOperating();
    const { signal, forget } = interruption();
    try {
      const summary = await backUp({
        target: positionals[0] ?? '',
        config: textOption(options, 'config'),
        dataDir: textOption(options, 'data-dir'),
        env: terminal.env,
        cwd: terminal.cwd,
        tell: (text) => terminal.err(text),
        signal,
      });
      terminal.out(options['json'] === true ? `${JSON.stringify(summary)}\n` : printableLines(said(summary)));
      return exitCodes.ok;
    } finally {
      forget();
    }
  },
};
