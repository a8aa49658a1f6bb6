import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LeanTransport } from '../../egress/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import {
  JobFolders,
  LocalExecutor,
  type ControllerPorts,
  type ControllerTimes,
  type ServingJob,
} from '../../placement/index.ts';
import { hasAttempt, holdJobControl, identityLives, identityOf } from '../../store/index.ts';
import type { Balances } from '../Balances.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { machineIds } from '../machine.ts';
import type { OpenLedger } from '../openLedger.ts';
import type { ServingState } from '../ServingState.ts';
import { answersWell } from './answersWell.ts';
import { bookCapacity } from './bookCapacity.ts';
import { capacityMarket } from './capacityMarket.ts';
import { JobDesk } from './JobDesk.ts';
import { JobLoop } from './JobLoop.ts';
import { jobStores } from './jobStores.ts';
import { OfferLists } from './OfferLists.ts';
import { rereadJob } from './readJob.ts';

export interface JobsOptions {
  /** Where everything that is written lies; jobs get a folder in it. */
  readonly folder: string;
  readonly ledger: OpenLedger;
  readonly balances: Balances;
  readonly state: ServingState;
  readonly sandbox: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** Jobs, sites and offers of a running program. */
export interface OpenJobs {
  readonly desk: JobDesk;
  readonly offers: OfferLists;
  readonly executor: LocalExecutor;
  /** Begins to run the jobs, where no other process on the same database does. */
  start(): Promise<void>;
  /** Servers of jobs that requests may go to. */
  serving(): readonly ServingJob[];
  /** Ends the loop; what runs, runs on. */
  close(): Promise<void>;
}

/** What a loop counts on between two looks for orphans, and between two writes of what changes all the time. */
const reconcileMs = 5_000;
const keepMs = 5_000;
/** After which a queue is decided about again: somebody may have imported prices, or made what a job reads. */
const decideAgainMs = 2_000;

const timesOf = ({ jobs }: ArchipelConfiguration): ControllerTimes => ({
  leaseMs: jobs.leaseSeconds * 1_000,
  pieceMs: jobs.pieceSeconds * 1_000,
  refusedMs: jobs.refusedSeconds * 1_000,
  restartMs: jobs.restartSeconds * 1_000,
  reconcileMs,
  keepMs,
  decideAgainMs,
});

/** Puts together what runs jobs. Nothing runs before `start`. @throws CodedError `database_unavailable` */
export const openJobs = async (options: JobsOptions): Promise<OpenJobs> => {
  const { ledger, balances, state, sandbox, env, clock, log } = options;
  const folder = resolve(join(options.folder, 'jobs'));
  mkdirSync(folder, { recursive: true });
  const configuration = (): ArchipelConfiguration => state.configuration;
  const offers = new OfferLists(ledger.database, clock, log);
  await offers.load();
  const transport = new LeanTransport();
  const sites = (): readonly string[] => [...configuration().sites.keys()];
  const executor = new LocalExecutor({
    folder: join(folder, 'sites'),
    clock,
    log,
    environment: env,
    sites,
    processes: { identityOf, lives: identityLives },
  });
  const market = capacityMarket({
    configuration,
    offerBook: () => offers.book,
    spending: () => {
      const { caps, forecastUsd } = state.snapshot;
      return { caps, shares: balances.shares.view(clock.nowMs(), forecastUsd) };
    },
  });
  const store = jobStores(ledger.database, log);
  const ports: ControllerPorts = {
    store,
    // What runs on a site that the file no longer has is still ours to look after.
    executorOf: (site) => ((configuration().sites.get(site)?.executor ?? 'local') === 'local' ? executor : null),
    sites,
    market,
    folders: new JobFolders(folder),
    specOf: ({ written }) => rereadJob(written),
    book: bookCapacity({
      isKept: (organisation, attemptId) => hasAttempt(ledger.database, organisation, attemptId),
      journal: ledger.journal,
      balances,
    }),
    probe: (url) => answersWell(transport, url),
    servedChanged: () => state.refresh(),
    ids: machineIds(),
    clock,
    log,
    times: () => timesOf(configuration()),
  };
  const loop = new JobLoop({
    ports,
    hold: () => holdJobControl(ledger.database, clock),
    lookMs: () => configuration().jobs.lookMs,
    clock,
    log,
  });
  return {
    desk: new JobDesk({ loop, store, executor, market, configuration, sandbox, clock }),
    offers,
    executor,
    start: () => loop.start(),
    serving: () => loop.controller?.serving() ?? [],
    close: async () => {
      await loop.stop();
      await transport.close();
    },
  };
};
