// Entry point of the command line.
import { exitCodes } from './Command.ts';
import { up } from './commands/up.ts';
import { runCommand } from './runCommand.ts';

// Whoever reads the answer may have had enough before its end, as in `jobs logs | head`: then nobody is left to tell anything.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && process.argv[2] !== up.name) process.exit(exitCodes.ok);
});

// A place for words that takes none, such as a full disk, ends nobody.
process.stderr.on('error', () => {});

process.exitCode = await runCommand(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  isTerminal: process.stdout.isTTY === true,
  // Loaded when somebody is asked: a server never asks.
  ...(process.stdin.isTTY && process.stdout.isTTY
    ? { ask: async (question: string) => (await import('./askPerson.ts')).askPerson(question) }
    : {}),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
});
