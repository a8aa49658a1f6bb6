import type { Log } from '../../kernel/index.ts';
import type { JobStore } from '../../placement/index.ts';
import { jobStoreOn, organisationsWithJobs, type Database } from '../../store/index.ts';

/** The jobs of all organisations together, each kept with its own; also of those that no file names any more. */
export const jobStores = (database: Database, log: Log): JobStore => {
  const stores = new Map<string, JobStore>();
  const storeOf = (organisation: string): JobStore => {
    const store = stores.get(organisation) ?? jobStoreOn(database, organisation, log);
    stores.set(organisation, store);
    return store;
  };
  const all = async (): Promise<readonly JobStore[]> => (await organisationsWithJobs(database)).map(storeOf);
  const byId = (one: { readonly id: string }, other: { readonly id: string }): number => (one.id < other.id ? -1 : 1);
  return {
    insert: (job, key) => storeOf(job.organisation).insert(job, key),
    update: (job) => storeOf(job.organisation).update(job),
    async read(id) {
      for (const store of await all()) {
        const job = await store.read(id);
        if (job !== null) return job;
      }
      return null;
    },
    async list(question) {
      const jobs = await Promise.all((await all()).map((store) => store.list(question)));
      return jobs
        .flat()
        .toSorted((one, other) => byId(other, one))
        .slice(0, question.limit);
    },
    async open() {
      const jobs = await Promise.all((await all()).map((store) => store.open()));
      return jobs.flat().toSorted(byId);
    },
  };
};
