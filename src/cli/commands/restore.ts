import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { loadOperating, type RestoreSummary } from '../../app/index.ts';
import { exitCodes, textOption, UsageError, type Command } from '../Command.ts';
import { interruption } from '../interruption.ts';
import { printableLines } from '../text/printable.ts';

const said = ({ dataDir, madeAt, configurationFile, rows, replayed, cutOff, ledger }: RestoreSummary): string => {
  const tables = Object.entries(rows).filter(([, count]) => count > 0);
  const faults = ledger.faults.map(({ kind, id, detail }) => `  ${kind} ${id}: ${detail}`);
  const start = configurationFile === null ? '' : ` --config ${configurationFile}`;
  const lines = [
    `${dataDir}: as of ${madeAt}`,
    `Database: ${tables.map(([table, count]) => `${table} ${count}`).join(', ') || 'no rows'}`,
    `Spool: ${replayed} records read again, none of them twice in the database; ${cutOff} attempts were under way, their cost is unknown within their holds`,
    faults.length === 0
      ? `Ledger: whole (${ledger.checked.attempts} attempts, ${ledger.checked.finals} compared with the spool)`
      : `Ledger: ${faults.length} faults`,
    ...faults,
    `The admin key is made anew at the first start. Give the secrets that the configuration refers to, and start: archipel up${start} --data-dir ${dataDir}`,
  ];
  return `${lines.join('\n')}\n`;
};

export const restore: Command = {
  name: 'restore',
  summary: 'Make a data directory from a backup, and prove its ledger',
  arguments: '<backup>',
  positionalsMin: 1,
  positionalsMax: 1,
  options: { config: { type: 'string' }, 'data-dir': { type: 'string' } },
  optionHelp: {
    config:
      "configuration whose database is restored into (else the backup's own; without store.url: the embedded one)",
    'data-dir': 'where it is restored into: an empty folder, or one that is not there',
  },
  run: async ({ positionals, options, terminal }) => {
    const dataDir = textOption(options, 'data-dir');
    if (dataDir === undefined) throw new UsageError('--data-dir takes the folder to restore into: an empty one');
    const path = resolve(terminal.cwd, positionals[0] ?? '');
    if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true)
      throw new UsageError(`there is no backup ${path}: name the file that "archipel backup" wrote`);
    const { restore: restoreBackup } = await loadOperating();
    const { signal, forget } = interruption();
    try {
      const summary = await restoreBackup({
        backup: path,
        dataDir,
        config: textOption(options, 'config'),
        env: terminal.env,
        cwd: terminal.cwd,
        tell: (text) => terminal.err(text),
        signal,
      });
      terminal.out(options['json'] === true ? `${JSON.stringify(summary)}\n` : printableLines(said(summary)));
      return summary.ledger.faults.length === 0 ? exitCodes.ok : exitCodes.failed;
    } finally {
      forget();
    }
  },
};
