import { isDeepStrictEqual } from 'node:util';
import type { SettingsFile } from './ClientSetup.ts';
import { UnreadableSettings, type Setting, type SettingPath } from './SettingsFormat.ts';

/** One setting that was changed. */
export interface ChangedSetting {
  readonly at: SettingPath;
  /** What stood there before, as its format takes it; absent where nothing did. */
  readonly taken?: Setting;
  readonly after: Setting;
  /** The client itself changes it now and then. */
  readonly changes?: true;
}

/** What became of a file. */
export interface ChangedFile {
  readonly path: string;
  /** It was not there before. */
  readonly created: boolean;
  readonly settings: readonly ChangedSetting[];
}

export interface AppliedFile extends ChangedFile {
  readonly text: string;
}

/** Sets what a file must have. @param text Of the file, or null where there is none. @throws UnreadableSettings */
export const applySettings = ({ path, format, settings }: SettingsFile, text: string | null): AppliedFile => {
  const changed: ChangedSetting[] = [];
  let now = text ?? '';
  for (const { at, value, unlessSet, changes } of settings) {
    const before = format.read(now, at);
    if (isDeepStrictEqual(before, value) || (unlessSet && before !== undefined)) continue;
    const taken = format.take(now, at);
    now = format.write(now, at, value);
    if (!isDeepStrictEqual(format.read(now, at), value))
      throw new UnreadableSettings(`${at.join('.')} cannot be set in ${path}`);
    changed.push({ at, after: value, ...(taken === undefined ? {} : { taken }), ...(changes ? { changes } : {}) });
  }
  return { path, created: text === null, settings: changed, text: now };
};

export interface RestoredFile {
  /** Null where the file goes: it was made for this, and nobody has added to it. */
  readonly text: string | null;
  /** Settings that somebody has changed since, and that stay as they are. */
  readonly leftAlone: readonly SettingPath[];
}

/** Puts back what was there, setting by setting, where nobody has changed it since. @throws UnreadableSettings */
export const restoreSettings = (
  { created, settings }: ChangedFile,
  format: SettingsFile['format'],
  text: string,
): RestoredFile => {
  const leftAlone: SettingPath[] = [];
  let now = text;
  for (const { at, taken, after, changes } of settings.toReversed()) {
    if (changes || isDeepStrictEqual(format.read(now, at), after)) now = format.put(now, at, taken);
    else leftAlone.push(at);
  }
  return { text: created && format.isBare(now) ? null : now, leftAlone };
};
