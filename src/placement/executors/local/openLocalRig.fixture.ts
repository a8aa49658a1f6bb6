import { mkdtempSync, mkdirSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../../kernel/index.ts';
import type { AttemptTag } from '../Executor.ts';
import type { ExecutorRig } from '../executorConformance.fixture.ts';
import { LocalExecutor, type LocalExecutorOptions } from './LocalExecutor.ts';
import { processesUnder } from './processesUnder.ts';
import { testClock, testProcesses } from './processTable.fixture.ts';
import { baseEnvironment } from './rankEnvironment.ts';
import { supervisorStarter } from './startSupervisor.ts';

export interface LocalRig extends ExecutorRig {
  readonly executor: LocalExecutor;
  readonly folder: string;
  /** Folder of a rank of an attempt that runs. */
  rankFolder(site: string, tag: AttemptTag, rank: number): string;
}

/** Where the package's scripts keep it, too: every test after the first starts its supervisors in half the time. */
export const compiledFolder = join(import.meta.dirname, '../../../../node_modules/.cache/compiled');

export const localSites = ['north-1', 'south-1'] as const;

/** A local executor in a folder of its own. */
export const openLocalRig = (change: Partial<LocalExecutorOptions> = {}): LocalRig => {
  const base = realpathSync(mkdtempSync(join(tmpdir(), 'archipel-local-')));
  const folder = join(base, 'sites');
  const scratch = join(base, 'scratch');
  mkdirSync(scratch);
  const canary = { name: 'ARCHIPEL_TEST_CANARY', value: 'canary-4c1f9a' };
  const environment = { ...process.env, [canary.name]: canary.value };
  const start = supervisorStarter(baseEnvironment(environment), compiledFolder);
  let refusedRank: number | null = null;
  const openExecutor = (): LocalExecutor =>
    new LocalExecutor({
      folder,
      clock: testClock,
      log: silentLog,
      environment,
      sites: () => localSites,
      processes: testProcesses,
      startSupervisor: async (rankFolder) => {
        if (rankFolder.endsWith(`rank-${refusedRank}`)) throw new Error('no process could be made');
        return start(rankFolder);
      },
      ...change,
    });
  let executor = openExecutor();
  const rankFolder = (site: string, { jobId, attempt }: AttemptTag, rank: number): string =>
    join(folder, site, `${jobId}.${attempt}`, `rank-${rank}`);
  const recordOf = (site: string, tag: AttemptTag, rank: number, name: string) =>
    JSON.parse(readFileSync(join(rankFolder(site, tag, rank), name), 'utf8'));
  return {
    sites: localSites,
    get executor() {
      return executor;
    },
    async restartController() {
      executor = openExecutor();
    },
    scratch,
    folder,
    rankFolder,
    canary,
    async killProgram(site, tag, rank) {
      process.kill(recordOf(site, tag, rank, 'started.json').child.pid, 'SIGKILL');
    },
    async killSupervisor(site, tag, rank) {
      process.kill(recordOf(site, tag, rank, 'claim.json').supervisor.pid, 'SIGKILL');
    },
    setCondition: (site, condition) => executor.setCondition(site, condition),
    refuseRank(rank) {
      refusedRank = rank;
    },
    lives: (pid) => testProcesses.lives(testProcesses.identityOf(pid)),
    processesLeft: () => processesUnder(folder, new Set()),
    async close() {
      for (const pid of await processesUnder(folder, new Set())) process.kill(pid, 'SIGKILL');
      rmSync(base, { recursive: true, force: true });
    },
  };
};
