import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { keepServer } from './canaries/keepServer.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Starts the program on a data dir and kills it after a time, ready or not. @returns whether it was killed, and its stderr. */
export const killedStart = async (options: {
  readonly dataDir: string;
  readonly configurationPath: string;
  readonly env: Readonly<Record<string, string>>;
  readonly afterMs: number;
}): Promise<{ readonly killed: boolean; readonly stderr: string }> => {
  const { dataDir, configurationPath, env, afterMs } = options;
  const args = [
    'up',
    '--json',
    '--port',
    '0',
    '--admin-port',
    '0',
    '--data-dir',
    dataDir,
    '--config',
    configurationPath,
  ];
  const child = spawn(process.execPath, [main, ...args], {
    cwd: dataDir,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  keepServer(child);
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await Promise.race([pause(afterMs), ended]);
  const killed = child.kill('SIGKILL');
  await ended;
  return { killed, stderr };
};
