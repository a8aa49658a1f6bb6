import { readFileSync } from 'node:fs';
import type { ClientSetup, ConnectionFacts, Places, SettingsFile } from './ClientSetup.ts';
import { formatOf } from './formatOf.ts';
import { applySettings, restoreSettings, type AppliedFile, type ChangedFile } from './applySettings.ts';
import type { SettingPath } from './SettingsFormat.ts';

const textOf = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
};

export interface PlannedFile extends AppliedFile {
  /** Whether there is anything to write. */
  readonly differs: boolean;
}

/** What was changed before is put back first, so that an undo leads to where it was at the very beginning. */
const applied = (file: SettingsFile, kept: readonly ChangedFile[]): PlannedFile => {
  const text = textOf(file.path);
  const earlier = kept.find(({ path }) => path === file.path);
  if (earlier === undefined || text === null) {
    const first = applySettings(file, text);
    return { ...first, differs: first.settings.length > 0 };
  }
  const again = applySettings(file, restoreSettings(earlier, file.format, text).text);
  return { ...again, created: earlier.created, differs: again.settings.length > 0 || again.text !== text };
};

/** What connecting a client changes. @param kept What an earlier connection has changed. @throws UnreadableSettings */
export const plannedConnection = (
  setup: ClientSetup,
  facts: ConnectionFacts,
  places: Places,
  kept: readonly ChangedFile[],
): readonly PlannedFile[] => setup.files(facts, places).map((file) => applied(file, kept));

/** All that an undo has to look at from now on: files of an earlier connection that are elsewhere stay among them. */
export const keptWith = (files: readonly AppliedFile[], earlier: readonly ChangedFile[]): readonly ChangedFile[] => {
  const paths = new Set(files.map(({ path }) => path));
  return [
    ...files.map(({ path, created, settings }) => ({ path, created, settings })),
    ...earlier.filter(({ path }) => !paths.has(path)),
  ];
};

export interface UndoneFile {
  readonly path: string;
  /** Null where the file goes. */
  readonly text: string | null;
  /** Whether there is anything to write. */
  readonly differs: boolean;
  readonly leftAlone: readonly SettingPath[];
}

/** What undoing the changes of one file comes to; null where the file is gone. @throws UnreadableSettings */
export const plannedUndo = (file: ChangedFile): UndoneFile | null => {
  const { path } = file;
  const text = textOf(path);
  if (text === null) return null;
  const restored = restoreSettings(file, formatOf(path), text);
  return { path, ...restored, differs: restored.text !== text };
};
