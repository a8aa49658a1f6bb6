import { expect, test, vi } from 'vitest';
import { keepingTerminal } from './keepingTerminal.fixture.ts';
import { runCommand } from './runCommand.ts';

vi.mock('./allCommands.ts', () => {
  throw new Error('a file of the program is damaged');
});

test('a program that cannot load its commands says so, and ends with a code', async () => {
  const { terminal, written } = keepingTerminal('/');
  expect(await runCommand(['check'], terminal)).toBe(1);
  expect(written.stderr).toMatch(/^archipel: .+\n$/s);
});
