import type { ParseArgsOptionsConfig } from 'node:util';

/** Exit codes of every command. */
export const exitCodes = {
  ok: 0,
  /** The thing asked for failed. */
  failed: 1,
  /** Wrong use, or a wrong configuration. */
  usage: 2,
  authentication: 4,
  /** A limit that was asked for was missed. */
  limitMissed: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** Where a command reads and writes; stdout is for the answer alone. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly isTerminal: boolean;
  /** Asks who sits there, null where they want no more of it; absent where nobody does. */
  readonly ask?: (question: string) => Promise<string | null>;
  out(text: string): void;
  err(text: string): void;
}

export type OptionValues = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

export interface Invocation {
  readonly positionals: readonly string[];
  readonly options: OptionValues;
  readonly terminal: Terminal;
}

/** One command of the command line. */
export interface Command {
  /** As typed: "keys create". */
  readonly name: string;
  readonly summary: string;
  /** After the name: "<request id>". */
  readonly arguments: string;
  readonly positionalsMin: number;
  readonly positionalsMax: number;
  readonly options: ParseArgsOptionsConfig;
  /** What each option is for, in the help. */
  readonly optionHelp: Readonly<Record<string, string>>;
  run(invocation: Invocation): Promise<ExitCode>;
}

/** Wrong use of a command; the message says how to mend it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The control plane does not take the key that a command has. */
export class AuthenticationError extends Error {
  override readonly name = 'AuthenticationError';
}

/** The text of an option, or undefined where it was not given. */
export const textOption = (options: OptionValues, name: string): string | undefined => {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
};

/** Every text of an option that may be given several times. */
export const listOption = (options: OptionValues, name: string): readonly string[] => {
  const value = options[name];
  return typeof value === 'object' ? value : [];
};

/** An option that takes one of a few words. @throws UsageError when it is none of them. */
export const wordOption = <Word extends string>(
  options: OptionValues,
  name: string,
  words: readonly Word[],
): Word | undefined => {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  const word = words.find((known) => known === text);
  if (word === undefined) throw new UsageError(`--${name} takes one of ${words.join(', ')}, not ${text}`);
  return word;
};

/** A port of an option. @throws UsageError when it is none. */
export const portOption = (options: OptionValues, name: string): number | undefined => {
  const text = textOption(options, name);
  if (text === undefined) return undefined;
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new UsageError(`--${name} takes a port from 0 to 65535, not ${text}`);
  return Number(text);
};
