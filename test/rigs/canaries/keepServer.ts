import type { ChildProcess } from 'node:child_process';
import { databaseAccounts } from '../databaseText.ts';
import { noteSecret, OutputKeeper } from './OutputKeeper.ts';

/** Keeps what a server prints from its first byte on. */
export const keepServer = ({ stdout, stderr }: Pick<ChildProcess, 'stdout' | 'stderr'>): OutputKeeper => {
  const keeper = new OutputKeeper('server');
  if (!keeper.isKept) return keeper;
  stdout?.on('data', (bytes: Buffer) => keeper.keep('stdout', bytes));
  stderr?.on('data', (bytes: Buffer) => keeper.keep('stderr', bytes));
  return keeper;
};

/** Notes the secrets that a server has made for itself. */
export const noteServer = ({ adminKey, dataDir }: { readonly adminKey: string; readonly dataDir: string }): void => {
  noteSecret('admin key', adminKey);
  for (const { password } of databaseAccounts(dataDir)) noteSecret('database password', password);
};
