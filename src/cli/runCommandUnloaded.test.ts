import { expect, test, vi } from 'vitest';
import { runCommand } from './runCommand.ts';

vi.mock('./allCommands.ts', () => {
  throw new Error('a file of the program is damaged');
});

test('a program that cannot load its commands says so, and ends with a code', async () => {
  let told = '';
  const terminal = {
    env: {},
    cwd: '/',
    isTerminal: false,
    out: () => undefined,
    err: (text: string) => void (told += text),
  };
  expect(await runCommand(['check'], terminal)).toBe(1);
  expect(told).toMatch(/^archipel: .+\n$/s);
});
