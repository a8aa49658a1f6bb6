import type { Readiness } from '../http/index.ts';

/** What may keep requests from being served, or their records from the database. */
export interface Hindrances {
  readonly draining: boolean;
  /** Why the spool takes no records, or null. */
  readonly spool: string | null;
  /** Why records do not reach the database, or null. */
  readonly shipping: string | null;
}

/** Whether balancers should send requests here. While the database is away requests are served, so that alone does not keep them away. */
export const readinessOf = ({ draining, spool, shipping }: Hindrances): Readiness => ({
  ready: !draining && spool === null,
  reasons: [
    ...(draining ? ['the server is shutting down'] : []),
    ...(spool === null ? [] : [`the spool takes no new work: ${spool}`]),
    ...(shipping === null ? [] : [`records wait for the database: ${shipping}`]),
  ],
});
