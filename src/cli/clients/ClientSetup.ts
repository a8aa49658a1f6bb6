import type { Setting, SettingPath, SettingsFormat } from './SettingsFormat.ts';

/** What a client is pointed at. */
export interface ConnectionFacts {
  /** The gateway, without the path of a wire. */
  readonly url: string;
  readonly key: string;
  readonly model: string;
  readonly now: Date;
}

export interface WantedSetting {
  readonly at: SettingPath;
  readonly value: Setting;
  /** What is there already is as good. */
  readonly unlessSet?: true;
  /** The client itself changes it now and then: an undo takes it away, whatever it has become. */
  readonly changes?: true;
}

/** One file of a client's settings, with all that is set in it. */
export interface SettingsFile {
  readonly path: string;
  readonly format: SettingsFormat;
  readonly settings: readonly WantedSetting[];
}

/** Where people keep their settings. */
export interface Places {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** How one program is pointed at a gateway. */
export interface ClientSetup {
  /** As typed: "claude-code". */
  readonly name: string;
  readonly title: string;
  files(facts: ConnectionFacts, places: Places): readonly SettingsFile[];
  /** What to do next, for a person. */
  next(facts: ConnectionFacts): string;
}
