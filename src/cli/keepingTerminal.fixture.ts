import type { Terminal } from './Command.ts';

/** A terminal that keeps what is written to it. */
export const keepingTerminal = (
  cwd: string,
  isTerminal = false,
): { readonly terminal: Terminal; readonly written: { readonly stdout: string; readonly stderr: string } } => {
  const written = { stdout: '', stderr: '' };
  const terminal: Terminal = {
    env: {},
    cwd,
    isTerminal,
    out: (text) => void (written.stdout += text),
    err: (text) => void (written.stderr += text),
  };
  return { terminal, written };
};
