// Run by a test as its own process: submits a gang and is killed, by itself, before the supervisor of a given rank is started.
import { silentLog } from '../../../kernel/index.ts';
import type { Submission } from '../Executor.ts';
import { LocalExecutor } from './LocalExecutor.ts';
import { compiledFolder } from './openLocalRig.fixture.ts';
import { testClock, testProcesses } from './processTable.fixture.ts';
import { baseEnvironment } from './rankEnvironment.ts';
import { supervisorStarter } from './startSupervisor.ts';

export interface DyingServer {
  readonly folder: string;
  readonly submission: Submission;
  /** How many supervisors it starts before it dies. */
  readonly startsMax: number;
}

const kill = (): Promise<never> => {
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
};

if (import.meta.main) {
  const { folder, submission, startsMax } = JSON.parse(process.argv[2] ?? '') as DyingServer;
  const start = supervisorStarter(baseEnvironment(process.env), compiledFolder);
  let starts = 0;
  const executor = new LocalExecutor({
    folder,
    clock: testClock,
    log: silentLog,
    environment: process.env,
    sites: () => [submission.site],
    processes: testProcesses,
    startSupervisor: (rankFolder) => (starts++ < startsMax ? start(rankFolder) : kill()),
  });
  await executor.submit(submission);
  await kill();
}
