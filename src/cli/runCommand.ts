import { parseArgs } from 'node:util';
import { nearestName } from '../config/index.ts';
import { CodedError, errorMessage } from '../kernel/index.ts';
import {
  AuthenticationError,
  exitCodes,
  UsageError,
  type Command,
  type ExitCode,
  type OptionValues,
  type Terminal,
} from './Command.ts';
import { up } from './commands/up.ts';
import { findCommand } from './findCommand.ts';

const commonOptions = { json: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } as const;

const usageLine = ({ name, arguments: rest }: Command): string => `archipel ${rest === '' ? name : `${name} ${rest}`}`;

const help = (command: Command): string => {
  const options = Object.entries({ ...command.optionHelp, json: 'print the answer as JSON', help: 'print this' });
  const width = Math.max(...options.map(([name]) => name.length));
  const lines = options.map(([name, what]) => `  --${name.padEnd(width)}  ${what}`);
  return `${usageLine(command)}\n\n${command.summary}.\n\n${lines.join('\n')}\n`;
};

/** The one that runs for months is loaded alone: the others, and the rooms that only they use, would take a tenth of its memory. */
const commandsFor = async (args: readonly string[]): Promise<readonly Command[]> =>
  args[0] === up.name ? [up] : (await import('./allCommands.ts')).allCommands;

/** Runs one command line. Never rejects: whatever happens is told on stderr and in the exit code. */
export const runCommand = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let command: Command | null = null;
  try {
    const found = findCommand(args, await commandsFor(args));
    if (found.kind === 'overview') {
      terminal.out(found.text);
      return exitCodes.ok;
    }
    if (found.kind === 'unknown') {
      terminal.err(`archipel: ${found.text}`);
      return exitCodes.usage;
    }
    command = found.command;
    return await run(command, found.rest, terminal);
  } catch (error) {
    return explain(error, command, terminal);
  }
};

const run = async (command: Command, rest: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  const { values, positionals } = parse(command, rest);
  if (values['help'] === true) {
    terminal.out(help(command));
    return exitCodes.ok;
  }
  if (positionals.length < command.positionalsMin || positionals.length > command.positionalsMax) {
    throw new UsageError(`it takes ${command.arguments === '' ? 'no arguments' : command.arguments}`);
  }
  return command.run({ positionals, options: values, terminal });
};

const parse = (
  command: Command,
  rest: readonly string[],
): { readonly values: OptionValues; readonly positionals: readonly string[] } => {
  const options = { ...command.options, ...commonOptions };
  try {
    const parsed = parseArgs({ args: [...rest], options, allowPositionals: true });
    return { values: parsed.values as OptionValues, positionals: parsed.positionals };
  } catch (error) {
    throw new UsageError(optionFault(error, Object.keys(options)));
  }
};

/** What is wrong with the options, in our words where Node's own are about its library. */
const optionFault = (error: unknown, known: readonly string[]): string => {
  const message = errorMessage(error);
  const [, written = '', name = ''] = /^Unknown option '(--?([^']*))'/.exec(message) ?? [];
  if (written === '') return message.split('\n', 1)[0] ?? '';
  const near = nearestName(name, known);
  return near === null ? `there is no option ${written}` : `there is no option ${written}; did you mean --${near}?`;
};

/** Codes of ours whose row names an exit code instead of an HTTP status. */
const exitCodeOf = (error: CodedError): ExitCode =>
  error.row.status === exitCodes.usage ? exitCodes.usage : exitCodes.failed;

/** @param command Null where it went wrong before there was one. */
const explain = (error: unknown, command: Command | null, terminal: Terminal): ExitCode => {
  const name = command === null ? 'archipel' : `archipel ${command.name}`;
  if (error instanceof UsageError) {
    terminal.err(`${name}: ${error.message}\n"${name} --help" says what it takes.\n`);
    return exitCodes.usage;
  }
  if (error instanceof CodedError) {
    terminal.err(`${name}: ${error.message}\n${error.row.mend}\n`);
    return exitCodeOf(error);
  }
  terminal.err(`${name}: ${errorMessage(error)}\n`);
  return error instanceof AuthenticationError ? exitCodes.authentication : exitCodes.failed;
};
