/** A value as it stands in a settings file. */
export type Setting =
  | string
  | number
  | boolean
  | null
  | readonly Setting[]
  | { readonly [name: string]: Setting | undefined };

/** Where a setting stands: names from the outside in. */
export type SettingPath = readonly string[];

/** How one kind of settings file is read and changed. What is not named stays as it is written, as far as the format lets it. */
export interface SettingsFormat {
  /** Undefined where it is not set. @throws UnreadableSettings */
  read(text: string, at: SettingPath): Setting | undefined;
  /** The file with this setting, or without it where it is undefined. @throws UnreadableSettings */
  write(text: string, at: SettingPath, value: Setting | undefined): string;
  /** What stands there, in a shape that only `put` understands; undefined where nothing does. @throws UnreadableSettings */
  take(text: string, at: SettingPath): Setting | undefined;
  /** The file with what was taken, as it was. @throws UnreadableSettings */
  put(text: string, at: SettingPath, taken: Setting | undefined): string;
  /** Whether there is nothing in it that anybody set. */
  isBare(text: string): boolean;
}

/** A settings file that cannot be changed without the risk of breaking it. */
export class UnreadableSettings extends Error {
  override readonly name = 'UnreadableSettings';
}
