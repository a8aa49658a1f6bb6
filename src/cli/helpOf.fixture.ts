import { strict as assert } from 'node:assert';
import { keepingTerminal } from './keepingTerminal.fixture.ts';
import { runCommand } from './runCommand.ts';

/** What `archipel <args> --help` prints, run in this process: programs of their own for all commands would take half a minute of processor. */
export const helpOf = async (...args: readonly string[]): Promise<string> => {
  const { terminal, written } = keepingTerminal(process.cwd());
  assert.equal(await runCommand([...args, '--help'], terminal), 0, written.stderr);
  return written.stdout;
};
