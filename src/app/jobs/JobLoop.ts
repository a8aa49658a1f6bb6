import { errorMessage } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { JobController, type ControllerPorts } from '../../placement/index.ts';
import type { JobControl } from '../../store/index.ts';

/** How long a process that may not run the jobs waits before it asks again. */
const askAgainMs = 5_000;

export interface LoopParts {
  readonly ports: ControllerPorts;
  /** Asks for the right to run the jobs of this database. @throws CodedError `database_unavailable` */
  readonly hold: () => Promise<JobControl>;
  readonly lookMs: () => number;
  /** Whether requests go to servers that an earlier process knew. */
  readonly hasOldServers?: boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Runs the jobs while this process, of all on its database, has the right to. */
export class JobLoop {
  readonly #parts: LoopParts;
  readonly #stopped = new AbortController();
  #control: JobControl | null = null;
  #controller: JobController | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Whether requests may still go to servers of which only a controller of before knew. */
  #hasOldServers = false;
  #isWoken = false;
  /** Why the jobs are not run, as it was told last; null while they are, or nothing is wrong with that they are not. */
  #told: string | null = null;
  #endPause: () => void = () => {};

  constructor(parts: LoopParts) {
    this.#parts = parts;
    this.#hasOldServers = parts.hasOldServers === true;
  }

  /** The controller while its jobs are run here; null while they are not. */
  get controller(): JobController | null {
    return this.#control?.held === true ? this.#controller : null;
  }

  /** Tries once, so that what was asked right after the start is done here, and goes on by itself. */
  async start(): Promise<void> {
    await this.#take();
    this.#running = this.#run();
  }

  /** Has the next round begin now, or right after the one that is under way. */
  wake(): void {
    this.#isWoken = true;
    this.#endPause();
  }

  /** Ends after the round that is under way. What runs, runs on. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    this.wake();
    await this.#running;
    const running = this.controller?.inUse().length ?? 0;
    if (running > 0)
      this.#parts.log.info('jobs run on without this process; the next start takes them over', { jobs: running });
    await this.#control?.release();
    this.#control = null;
  }

  async #run(): Promise<void> {
    const { lookMs } = this.#parts;
    while (!this.#stopped.signal.aborted) {
      const { controller } = this;
      if (controller === null) await this.#take();
      else await controller.tick();
      await this.#pause(this.controller === null ? askAgainMs : lookMs());
    }
  }

  /** Asks for the right, and takes over the jobs with it. */
  async #take(): Promise<void> {
    const { ports, hold, log } = this.#parts;
    try {
      await this.#control?.release();
      // What the last controller knows, another process may have changed since.
      this.#hasOldServers ||= this.#controller !== null;
      this.#controller = null;
      this.#control = await hold();
      if (this.#control.held) {
        const controller = new JobController(ports);
        await controller.load();
        this.#controller = controller;
      }
      if (this.#hasOldServers) await ports.servedChanged();
      this.#hasOldServers = false;
      this.#told = null;
    } catch (error) {
      this.#controller = null;
      const message = errorMessage(error);
      if (message !== this.#told) log.warn('jobs are not run yet; it is tried again', { message });
      this.#told = message;
    }
  }

  async #pause(forMs: number): Promise<void> {
    if (!this.#isWoken)
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, forMs);
        this.#endPause = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    this.#isWoken = false;
  }
}
