import type { Result } from '../../kernel/index.ts';

/** Names one attempt of one job everywhere: in folders, labels and tags of whatever engine runs it. Submitting it twice starts it once. */
export interface AttemptTag {
  /** UUIDv7. */
  readonly jobId: string;
  /** 1, 2, 3 within the job. */
  readonly attempt: number;
}

/** What each rank of an attempt is started with. */
export interface Submission {
  readonly tag: AttemptTag;
  readonly site: string;
  readonly ranks: number;
  /** Program and arguments, given to no shell. */
  readonly command: readonly string[];
  /** Absolute folder that the ranks start in. */
  readonly directory: string;
  /** What the job gets beside the executor's own variables; nothing else of the server's environment reaches it. */
  readonly environment: Readonly<Record<string, string>>;
  /** Between SIGTERM and SIGKILL. Milliseconds. */
  readonly graceMs: number;
}

/** Why an executor did not take an attempt. Nothing of it runs then, or `cancel` is called until nothing does. */
export interface SubmitFault {
  /**
   * `quota`: the vendor's limit of this account; `capacity`: nothing free there now; `invalid`: it can never start there as written;
   * `unreachable`: nobody knows whether it was taken.
   */
  readonly class: 'quota' | 'capacity' | 'invalid' | 'unreachable';
  readonly message: string;
}

/** What a job says of itself, in its heartbeat file or by the hook; the newest word counts. */
export interface Heartbeat {
  /** When the executor read it. Unix milliseconds. */
  readonly atMs: number;
  /** Steps that are done; null where it counts none. */
  readonly step: number | null;
  /** Name of the newest whole checkpoint within its checkpoint folder; null for none yet. */
  readonly checkpoint: string | null;
  /** When that checkpoint was first reported. Unix milliseconds. */
  readonly checkpointAtMs: number | null;
  /** Port where it serves; the host is the site's own, never the job's word. */
  readonly port: number | null;
  /** Loss, or whatever else it measures of itself. */
  readonly metrics: Readonly<Record<string, number>>;
}

/** One rank as its engine sees it. */
export interface RankObservation {
  readonly rank: number;
  /** `lost`: positive evidence that it is gone and left no exit code. */
  readonly state: 'starting' | 'running' | 'exited' | 'lost';
  /** Exit code of its process, 128 + signal where one ended it; null unless `exited`. */
  readonly exitCode: number | null;
  /** When it ended, by the engine's own clock. Unix milliseconds; null unless it ended. */
  readonly endedAtMs: number | null;
  /** What tells so, in words: "exit file says 0", "process 4711 is gone". As all words of an executor: given by `evidenceWords`. */
  readonly evidence: string;
  readonly heartbeat: Heartbeat | null;
}

/** What an executor can tell of an attempt. "Cannot reach" is an answer of its own and never means that it failed. */
export type Observation =
  | { readonly kind: 'unreachable'; readonly evidence: string }
  /** The engine answered, and knows nothing under this tag. */
  | { readonly kind: 'absent'; readonly evidence: string }
  | {
      readonly kind: 'present';
      readonly ranks: readonly RankObservation[];
      /** Capacity is being taken away: the ranks have had their notice. */
      readonly preempted: boolean;
      /** Unix milliseconds since when this capacity is paid for. */
      readonly billableSinceMs: number;
    };

/** A piece of a rank's output. */
export interface LogPiece {
  readonly text: string;
  /** Where to read on. Bytes from the beginning. */
  readonly nextByte: number;
  /** Whether nothing more can come. */
  readonly ended: boolean;
}

/** An engine that runs jobs on its sites: own processes, Slurm, Kubernetes, SkyPilot. One conformance suite holds for all. */
export interface Executor {
  /** Most ranks that one attempt can have; more are refused as `invalid`, wherever they are submitted. */
  readonly ranksMax: number;
  /**
   * Names the engine that attempts are kept by: the same for all who reach this one, after every restart, and another for another engine.
   * `absent` and `list` tell only of attempts that were placed by the owner of now; an attempt of another owner is as good as unreachable.
   * @returns 1 to 100 printable ASCII characters. @throws where it cannot be known now.
   */
  owner(): Promise<string>;
  /**
   * Starts all ranks or none. The same tag again changes nothing and succeeds.
   * @param mayStart Asked at the last moment, since whoever submits may have stood still meanwhile; where it says no, nothing starts: `unreachable`.
   */
  submit(submission: Submission, mayStart?: () => boolean): Promise<Result<null, SubmitFault>>;
  observe(site: string, tag: AttemptTag): Promise<Observation>;
  /** `checkpoint`: asks the ranks to write one now (SIGUSR1); `terminate`: SIGTERM, and SIGKILL after the grace. */
  signal(site: string, tag: AttemptTag, signal: 'checkpoint' | 'terminate'): Promise<Result<null, SubmitFault>>;
  /**
   * Ends whatever runs under the tag and removes what it holds. @returns true only where the engine lists nothing under the tag any more;
   * false while something is still ending, or nobody can know. To be called again until true.
   */
  cancel(site: string, tag: AttemptTag): Promise<boolean>;
  /** @returns null where there is no such log, or the site cannot be reached. */
  logs(site: string, tag: AttemptTag, rank: number, fromByte: number): Promise<LogPiece | null>;
  /** Every attempt that the engine holds on a site, to find orphans; null where it cannot be reached. */
  list(site: string): Promise<readonly AttemptTag[] | null>;
  /** Host name or address under which the site's ports are reached: "127.0.0.1" for `local`. */
  hostOf(site: string): string;
}
