import { nearestName } from '../config/index.ts';
import type { Command } from './Command.ts';

/** A command and what stood after its name; or why there is none. */
export type FoundCommand =
  | { readonly kind: 'command'; readonly command: Command; readonly rest: readonly string[] }
  /** Nothing was asked, or help: of all commands, or of those that begin with one word. */
  | { readonly kind: 'overview'; readonly text: string }
  | { readonly kind: 'unknown'; readonly text: string };

const lines = (shown: readonly Command[]): string => {
  const width = Math.max(...shown.map(({ name, arguments: rest }) => `${name} ${rest}`.length));
  return shown
    .map((command) => `  ${`${command.name} ${command.arguments}`.padEnd(width)}  ${command.summary}\n`)
    .join('');
};

const overview = (shown: readonly Command[]): string =>
  `archipel <command> [options]\n\n${lines(shown)}\nEach takes --json and --help.\n`;

const isHelp = (word: string | undefined): boolean => word === 'help' || word === '--help' || word === '-h';

const groupOf = (word: string, commands: readonly Command[]): readonly Command[] =>
  commands.filter(({ name }) => name.startsWith(`${word} `));

/** That there is no such command, and which may have been meant: by two words, else by the first alone. */
const noSuch = (words: readonly string[], commands: readonly Command[]): string => {
  const names = commands.map(({ name }) => name);
  for (const written of [words.join(' '), words[0] ?? '']) {
    const near = nearestName(written, names);
    if (near !== null) return `there is no command "${written}"; did you mean "${near}"?`;
  }
  return `there is no command "${words[0] ?? ''}"`;
};

/** Finds the command that a command line begins with, among those there are. */
export const findCommand = (args: readonly string[], commands: readonly Command[]): FoundCommand => {
  for (const words of [2, 1]) {
    const command = commands.find(({ name }) => name === args.slice(0, words).join(' '));
    if (command) return { kind: 'command', command, rest: args.slice(words) };
  }
  const [first, second] = args;
  if (first === undefined || isHelp(first)) return { kind: 'overview', text: overview(commands) };
  const group = groupOf(first, commands);
  if (group.length > 0 && isHelp(second)) return { kind: 'overview', text: overview(group) };
  const words = args.slice(0, 2).filter((word) => !word.startsWith('-'));
  if (group.length > 0 && words.length === 1)
    return { kind: 'unknown', text: `"${first}" is the first word of several commands\n\n${overview(group)}` };
  return { kind: 'unknown', text: `${noSuch(words, commands)}\n\n${overview(group.length > 0 ? group : commands)}` };
};
