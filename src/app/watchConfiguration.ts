import { unwatchFile, watchFile } from 'node:fs';
import type { Log } from '../kernel/index.ts';
import type { ConfigurationSource } from './chooseConfiguration.ts';
import type { ServingState } from './ServingState.ts';

/** How often a file is looked at. */
const watchMs = 1_000;
/** How long after a reload that the database kept from happening the next is tried. */
const againMs = 5_000;

/**
 * Takes the configuration anew when its file changes, when one changes that a secret stands in, and at SIGHUP.
 * @returns how to stop looking.
 */
export const watchConfiguration = (
  source: ConfigurationSource,
  state: Pick<ServingState, 'reload' | 'onChange' | 'secretFiles'>,
  log: Log,
): (() => void) => {
  const watched = new Set<string>();
  let again: NodeJS.Timeout | undefined;
  const reload = (): void => {
    clearTimeout(again);
    state.reload().catch((error: unknown) => {
      log.error('configuration was not read, the last one stays in force', { message: String(error) });
      again = setTimeout(reload, againMs).unref();
    });
  };
  const watchOnly = (files: ReadonlySet<string>): void => {
    for (const file of files.difference(watched)) watchFile(file, { interval: watchMs, persistent: false }, reload);
    for (const file of watched.difference(files)) unwatchFile(file, reload);
    watched.clear();
    for (const file of files) watched.add(file);
  };
  const look = (): void => watchOnly(source.kind === 'file' ? new Set([source.path, ...state.secretFiles]) : new Set());
  look();
  state.onChange(look);
  process.on('SIGHUP', reload);
  return () => {
    state.onChange(() => {});
    watchOnly(new Set());
    clearTimeout(again);
    process.off('SIGHUP', reload);
  };
};
