import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { LeanTransport } from '../../egress/index.ts';
import type { Paces } from '../../gateway/index.ts';
import { CodedError, type Clock, type Log } from '../../kernel/index.ts';
import { JobFolders, LocalExecutor, type ControllerPorts, type ControllerTimes } from '../../placement/index.ts';
import {
  hasAttempt,
  holdJobControl,
  identityLives,
  identityOf,
  storeErrors,
  type StoredOfferList,
} from '../../store/index.ts';
import type { Balances } from '../Balances.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { contractsOf } from '../contractsOf.ts';
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
import type { ServedEndpoint } from './servedDeployment.ts';

export interface JobsOptions {
  /** Where everything that is written lies; jobs get a folder in it. */
  readonly folder: string;
  readonly ledger: OpenLedger;
  readonly balances: Balances;
  readonly paces: Pick<Paces, 'settled'>;
  readonly state: ServingState;
  readonly sandbox: boolean;
  /** What an earlier process kept, for a start without the database. */
  readonly before?: JobsBefore | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly log: Log;
}

/** What a start reads of jobs from the database, as it was when it was last there. */
export interface JobsBefore {
  readonly served: readonly ServedEndpoint[];
  readonly offers: readonly StoredOfferList[];
}

/** Jobs, sites and offers of a running program. */
export interface OpenJobs {
  readonly desk: JobDesk;
  readonly offers: OfferLists;
  readonly executor: LocalExecutor;
  /** Begins to run the jobs, where no other process on the same database does. */
  start(): Promise<void>;
  /** Servers of jobs that requests may go to: while nobody can say, those of before. */
  serving(): readonly ServedEndpoint[];
  /** Whether the jobs are run here. */
  areRunHere(): boolean;
  /** Ends the loop; what runs, runs on. */
  close(): Promise<void>;
}

/** What a loop counts on between two looks for orphans, and between two writes of what changes all the time. */
const reconcileMs = 5_000;
const keepMs = 5_000;
/** After which a queue is decided about again: somebody may have imported prices, or made what a job reads. */
const decideAgainMs = 2_000;

const notCaughtUp = (): CodedError =>
  new CodedError(
    'database_unavailable',
    storeErrors.database_unavailable,
    'What an earlier process recorded is not in the database yet.',
  );

const timesOf = ({ jobs }: ArchipelConfiguration): ControllerTimes => ({
  leaseMs: jobs.leaseSeconds * 1_000,
  pieceMs: jobs.pieceSeconds * 1_000,
  refusedMs: jobs.refusedSeconds * 1_000,
  restartMs: jobs.restartSeconds * 1_000,
  reconcileMs,
  keepMs,
  decideAgainMs,
});

/** Puts together what runs jobs. Nothing runs before `start`. Without the database it begins with what was kept. */
export const openJobs = async (options: JobsOptions): Promise<OpenJobs> => {
  const { ledger, balances, paces, state, sandbox, env, clock, log } = options;
  const folder = resolve(join(options.folder, 'jobs'));
  mkdirSync(folder, { recursive: true });
  const configuration = (): ArchipelConfiguration => state.configuration;
  const offers = new OfferLists(ledger.database, clock, log);
  try {
    await offers.load();
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    offers.restore(options.before?.offers ?? []);
  }
  let served = options.before?.served ?? [];
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
      paces,
      contracts: () => contractsOf(configuration()),
    }),
    probe: (url) => answersWell(transport, url),
    servedChanged: () => state.refresh(),
    mayAct: () => loop.controller !== null,
    ids: machineIds(),
    clock,
    log,
    times: () => timesOf(configuration()),
  };
  const loop = new JobLoop({
    ports,
    hold: async () => {
      // Until then a piece that an earlier process told may be in the spool alone, and would be told twice.
      if (!ledger.shipper.hasCaughtUp()) throw notCaughtUp();
      const control = await holdJobControl(ledger.database, clock);
      if (!control.held) served = [];
      return control;
    },
    hasOldServers: served.length > 0,
    lookMs: () => configuration().jobs.lookMs,
    clock,
    log,
  });
  return {
    desk: new JobDesk({ loop, store, executor, market, configuration, sandbox, clock }),
    offers,
    executor,
    start: () => loop.start(),
    serving: () => (served = loop.controller?.serving() ?? served),
    areRunHere: () => loop.controller !== null,
    close: async () => {
      await loop.stop();
      await transport.close();
    },
  };
};
