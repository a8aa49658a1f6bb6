import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { openLog } from './openLog.ts';
import { supervisionVariable } from './rankEnvironment.ts';

/** A supervisor that was started by this process and may not have begun its work yet. */
export interface StartedSupervisor {
  readonly pid: number;
  readonly hasEnded: () => boolean;
}

/** Starts the supervisor of the rank whose folder it is given. Rejects where the machine starts no process now. */
export type StartSupervisor = (rankFolder: string) => Promise<StartedSupervisor>;

/** Sources run as .ts, the build as .js; the supervisor stands beside this file in both. */
const entry = fileURLToPath(
  new URL(`./superviseRank.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
);

/** It does little and there are many: a small heap, no threads that would help. */
const flags = ['--max-old-space-size=32', '--max-semi-space-size=1', '--v8-pool-size=0', '--no-warnings'];

/**
 * @param environment For the supervisors; they need no more than their jobs see.
 * @param compiledFolder Keeps the compiled supervisor: the next one starts in half the time and half the memory.
 */
export const supervisorStarter =
  (environment: Readonly<Record<string, string>>, compiledFolder: string): StartSupervisor =>
  async (rankFolder) => {
    // Whatever it has to say before it can write a record stands where the user looks.
    const log = openLog(rankFolder);
    try {
      const supervisor = spawn(process.execPath, [...flags, entry, rankFolder], {
        cwd: '/',
        env: { ...environment, NODE_COMPILE_CACHE: compiledFolder, [supervisionVariable]: `${rankFolder}/` },
        detached: true,
        stdio: ['ignore', 'ignore', log],
      });
      await once(supervisor, 'spawn');
      supervisor.unref();
      const hasEnded = (): boolean => supervisor.exitCode !== null || supervisor.signalCode !== null;
      return { pid: supervisor.pid ?? 0, hasEnded };
    } finally {
      closeSync(log);
    }
  };
