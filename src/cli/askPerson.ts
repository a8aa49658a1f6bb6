import { createInterface } from 'node:readline/promises';

/** Asks whoever sits at the terminal. @returns null where they end the questions: Ctrl-C, Ctrl-D. */
export const askPerson = async (question: string): Promise<string | null> => {
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  const ended = new Promise<null>((resolve) =>
    lines.once('SIGINT', () => resolve(null)).once('close', () => resolve(null)),
  );
  try {
    return await Promise.race([lines.question(question), ended]);
  } finally {
    lines.close();
  }
};
