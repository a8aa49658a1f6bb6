import { parseArgs } from 'node:util';
import { CodedError } from '../kernel/index.ts';
import { exitCodes, UsageError, type Command, type ExitCode, type Terminal } from './Command.ts';
import { check } from './commands/check.ts';
import { contracts } from './commands/contracts.ts';
import { dependency } from './commands/dependency.ts';
import { keysCreate, keysList, keysRevoke, keysRotate } from './commands/keys.ts';
import { ledgerVerify } from './commands/ledgerVerify.ts';
import { reload } from './commands/reload.ts';
import { sandboxFault, sandboxShow } from './commands/sandbox.ts';
import { up } from './commands/up.ts';
import { usage } from './commands/usage.ts';
import { why } from './commands/why.ts';

const commands: readonly Command[] = [
  up,
  check,
  why,
  usage,
  contracts,
  dependency,
  keysCreate,
  keysList,
  keysRotate,
  keysRevoke,
  ledgerVerify,
  reload,
  sandboxShow,
  sandboxFault,
];

const commonOptions = { json: { type: 'boolean' }, help: { type: 'boolean' } } as const;

const overview = (): string => {
  const width = Math.max(...commands.map(({ name, arguments: rest }) => `${name} ${rest}`.length));
  const lines = commands.map(
    (command) => `  ${`${command.name} ${command.arguments}`.padEnd(width)}  ${command.summary}`,
  );
  return `archipel <command> [options]\n\n${lines.join('\n')}\n\nEach takes --json and --help.\n`;
};

const help = (command: Command): string => {
  const options = { ...command.optionHelp, json: 'print the answer as JSON', help: 'print this' };
  const lines = Object.entries(options).map(([name, what]) => `  --${name.padEnd(16)} ${what}`);
  return `archipel ${command.name} ${command.arguments}\n\n${command.summary}.\n\n${lines.join('\n')}\n`;
};

const find = (args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } | null => {
  for (const words of [2, 1]) {
    const command = commands.find(({ name }) => name === args.slice(0, words).join(' '));
    if (command) return { command, rest: args.slice(words) };
  }
  return null;
};

/** Runs one command line. Never rejects: whatever happens is told on stderr and in the exit code. */
export const runCommand = async (args: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  const found = find(args);
  if (!found) {
    const asked = args[0];
    if (asked === undefined || asked === 'help' || asked === '--help') {
      terminal.out(overview());
      return exitCodes.ok;
    }
    terminal.err(`archipel: there is no command ${asked}\n\n${overview()}`);
    return exitCodes.usage;
  }
  try {
    return await run(found.command, found.rest, terminal);
  } catch (error) {
    return explain(error, found.command, terminal);
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

const parse = (command: Command, rest: readonly string[]) => {
  try {
    const parsed = parseArgs({
      args: [...rest],
      options: { ...command.options, ...commonOptions },
      allowPositionals: true,
    });
    return {
      values: parsed.values as Readonly<Record<string, string | boolean | undefined>>,
      positionals: parsed.positionals,
    };
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
};

/** Codes of ours whose row names an exit code instead of an HTTP status. */
const exitCodeOf = (error: CodedError): ExitCode =>
  error.row.status === exitCodes.usage ? exitCodes.usage : exitCodes.failed;

const explain = (error: unknown, command: Command, terminal: Terminal): ExitCode => {
  if (error instanceof UsageError) {
    terminal.err(`archipel ${command.name}: ${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof CodedError) {
    terminal.err(`archipel ${command.name}: ${error.message}\n${error.row.mend}\n`);
    return exitCodeOf(error);
  }
  terminal.err(`archipel ${command.name}: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.failed;
};
