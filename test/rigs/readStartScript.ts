import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

/** What `npm start` gives Node before the program, and its environment. */
export interface StartScript {
  readonly flags: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

/** Reads it out of package.json, so that what is tested and measured is started as users start it. */
export const readStartScript = (): StartScript => {
  const { scripts }: { scripts: { start: string } } = JSON.parse(
    readFileSync(join(repository, 'package.json'), 'utf8'),
  );
  const words = scripts.start.split(' ');
  const env: Record<string, string> = {};
  for (const word of words) {
    const [, name, value = ''] = /^([A-Z_]+)=(.*)$/.exec(word) ?? [];
    // The folder of compiled sources is told from the root, where the script runs.
    if (name !== undefined) env[name] = name === 'NODE_COMPILE_CACHE' ? join(repository, value) : value;
  }
  return { flags: words.filter((word) => word.startsWith('--')), env };
};
