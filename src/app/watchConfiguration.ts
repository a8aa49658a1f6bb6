import { unwatchFile, watchFile, type StatsListener } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '../kernel/index.ts';
import type { ConfigurationSource } from './chooseConfiguration.ts';
import type { ServingState } from './ServingState.ts';

/** How often a file is looked at. */
const watchMs = 1_000;
/** How long a file that changed must have looked the same before it is read: whoever saves it may not be done. */
const quietMs = 150;
/** The same for one that is gone or empty: some editors take it away before they write it. */
const absentMs = 1_500;
/** How long that is waited for at most. */
const settleMsMax = 9_000;
/** How long after a reload that the database kept from happening the next is tried. */
const againMs = 5_000;

/** What watching needs of the machine. */
export interface FileLooks {
  /** Calls back when a file may have changed. */
  watch(path: string, changed: () => void): void;
  unwatch(path: string, changed: () => void): void;
  /** How a file looks: a text that changes with it; null where it is gone or empty. */
  look(path: string): Promise<string | null>;
  pause(ms: number): Promise<unknown>;
}

const listeners = new WeakMap<() => void, StatsListener>();

const listenerOf = (changed: () => void): StatsListener => {
  const listener = listeners.get(changed) ?? (() => changed());
  listeners.set(changed, listener);
  return listener;
};

export const machineFileLooks: FileLooks = {
  watch: (path, changed) => void watchFile(path, { interval: watchMs, persistent: false }, listenerOf(changed)),
  unwatch: (path, changed) => unwatchFile(path, listenerOf(changed)),
  look: async (path) => {
    try {
      const { size, mtimeNs, ctimeNs, ino } = await stat(path, { bigint: true });
      return size === 0n ? null : [size, mtimeNs, ctimeNs, ino].join();
    } catch {
      return null;
    }
  },
  pause: (ms) => pause(ms, undefined, { ref: false }),
};

/** Waits until files have looked the same for a while. */
const untilQuiet = async (paths: readonly string[], looks: FileLooks): Promise<void> => {
  const lookAtAll = (): Promise<readonly (string | null)[]> => Promise.all(paths.map((path) => looks.look(path)));
  let before = await lookAtAll();
  let sameMs = 0;
  for (let waitedMs = 0; waitedMs < settleMsMax; waitedMs += quietMs) {
    await looks.pause(quietMs);
    const now = await lookAtAll();
    sameMs = now.every((one, index) => one === before[index]) ? sameMs + quietMs : 0;
    if (sameMs >= (now.includes(null) ? absentMs : quietMs)) return;
    before = now;
  }
};

/**
 * Takes the configuration anew when its file changes, when one changes that a secret stands in, and at SIGHUP. It never forces: what takes most of
 * what serves away waits for somebody to say that it is meant.
 * @returns how to stop looking.
 */
export const watchConfiguration = (
  source: ConfigurationSource,
  state: Pick<ServingState, 'reload' | 'onChange' | 'filesBeside'>,
  log: Log,
  looks: FileLooks = machineFileLooks,
): (() => void) => {
  const watched = new Set<string>();
  let again: NodeJS.Timeout | undefined;
  let settling: Promise<void> | null = null;
  let isOver = false;
  const reload = (): void => {
    clearTimeout(again);
    if (isOver) return;
    state.reload().catch((error: unknown) => {
      log.error('configuration was not read, the last one stays in force', { message: String(error) });
      again = setTimeout(reload, againMs).unref();
    });
  };
  // A change while the last one settles is waited for with it.
  const changed = (): void => {
    settling ??= untilQuiet([...watched], looks).then(() => {
      settling = null;
      reload();
    });
  };
  const watchOnly = (files: ReadonlySet<string>): void => {
    for (const file of files.difference(watched)) looks.watch(file, changed);
    for (const file of watched.difference(files)) looks.unwatch(file, changed);
    watched.clear();
    for (const file of files) watched.add(file);
  };
  const look = (): void => watchOnly(source.kind === 'file' ? new Set([source.path, ...state.filesBeside]) : new Set());
  look();
  state.onChange(look);
  process.on('SIGHUP', reload);
  return () => {
    isOver = true;
    state.onChange(() => {});
    watchOnly(new Set());
    clearTimeout(again);
    process.off('SIGHUP', reload);
  };
};
