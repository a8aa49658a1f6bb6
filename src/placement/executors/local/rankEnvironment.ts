import { delimiter, dirname } from 'node:path';
import type { Submission } from '../Executor.ts';

/** Where a rank writes its heartbeat. Every process that it starts inherits it, so it also tells whose they are. */
export const heartbeatVariable = 'ARCHIPEL_HEARTBEAT_FILE';

/** Tells a supervisor, and those who look for it, which rank it is for. */
export const supervisionVariable = 'ARCHIPEL_SUPERVISED_RANK';

/** All that a job may see of the server's own environment. */
const passedOn = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'TZ'];
const usualPath = '/usr/local/bin:/usr/bin:/bin';

type Environment = Readonly<Record<string, string>>;

/** What is left of the server's environment for jobs; programs are looked for beside our own node first. */
export const baseEnvironment = (server: Readonly<Record<string, string | undefined>>): Environment => {
  const kept = passedOn.flatMap((name): [string, string][] => {
    const value = server[name];
    return value === undefined ? [] : [[name, value]];
  });
  const path = [dirname(process.execPath), server['PATH'] ?? usualPath].join(delimiter);
  return { ...Object.fromEntries(kept), PATH: path };
};

/** Everything that a rank gets. A job may set its own PATH; who it is, it cannot choose. */
export const rankEnvironment = (
  base: Environment,
  { tag, site, ranks, environment }: Submission,
  rank: number,
  heartbeatFile: string,
): Environment => ({
  ...base,
  ...environment,
  ARCHIPEL_JOB_ID: tag.jobId,
  ARCHIPEL_ATTEMPT: String(tag.attempt),
  ARCHIPEL_RANK: String(rank),
  ARCHIPEL_RANKS: String(ranks),
  ARCHIPEL_SITE: site,
  [heartbeatVariable]: heartbeatFile,
});
