import { access, mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Job, JobAttempt } from '../job/Job.ts';
import type { JobLocation, JobSpec } from '../job/JobSpec.ts';

/** Name under which what a finished job made is found. */
const publishedName = 'current';

/** Folder, or URI, of one attempt's checkpoints: one of its own, so that an attempt that was given up can never spoil what a later one reads. */
const attemptName = (job: Job, attempt: number): string => `attempt-${job.id}-${attempt}`;

const isThere = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Where the bytes of jobs lie on this machine: the store that all sites reach, and the disk of each site. */
export class JobFolders {
  readonly #folder: string;

  /** @param folder Absolute. `store` and `disks` are made in it. */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Path or URI of a location, as a job is told. */
  locate(at: JobLocation): string {
    switch (at.kind) {
      case 'store':
        return join(this.#folder, 'store', at.path);
      case 'site':
        return join(this.#folder, 'disks', at.site, at.path);
      case 'remote':
        return at.uri;
    }
  }

  /** Makes the folder that an attempt writes its checkpoints into. @returns its path or URI, and that of the checkpoint to go on from. */
  async openCheckpoints(
    spec: JobSpec,
    job: Job,
    attempt: JobAttempt,
  ): Promise<{ readonly checkpoint: string; readonly resumeFrom: string | null } | null> {
    if (spec.checkpoint === null) return null;
    const { at } = spec.checkpoint;
    const under = (number: number): string => `${this.locate(at)}/${attemptName(job, number)}`;
    const checkpoint = under(attempt.number);
    if (at.kind !== 'remote') await mkdir(checkpoint, { recursive: true });
    const { resumesFrom } = attempt;
    return { checkpoint, resumeFrom: resumesFrom && `${under(resumesFrom.attempt)}/${resumesFrom.checkpoint}` };
  }

  /** Shows what a job that succeeded made under `current`, all at once, and takes away what its other attempts left. */
  async publish(spec: JobSpec, job: Job, attempt: number): Promise<void> {
    const at = spec.checkpoint?.at;
    if (at === undefined || at.kind === 'remote') return;
    const base = this.locate(at);
    const made = attemptName(job, attempt);
    const fresh = join(base, `.${publishedName}-${made}`);
    // A job may have removed what it made, and has succeeded all the same.
    await mkdir(base, { recursive: true });
    await rm(fresh, { force: true });
    await symlink(made, fresh);
    await rename(fresh, join(base, publishedName));
    await this.#removeOthers(base, job, made);
  }

  async #removeOthers(base: string, job: Job, made: string): Promise<void> {
    const own = `attempt-${job.id}-`;
    for (const name of await readdir(base))
      if (name.startsWith(own) && name !== made) await rm(join(base, name), { recursive: true, force: true });
  }

  /** Where something that a job reads should lie and does not; null where all is there. What is `remote` only the job can see. */
  async missingData({ data }: JobSpec): Promise<string | null> {
    for (const { at } of data) {
      if (at.kind === 'remote') continue;
      const path = this.locate(at);
      if (!(await isThere(path))) return path;
    }
    return null;
  }
}
