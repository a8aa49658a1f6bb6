import { setTimeout as pause } from 'node:timers/promises';
import type { ForeignDatabase } from './ForeignDatabase.ts';

/** One way in which a database is away. */
export interface DatabaseOutage {
  readonly name: string;
  /** Whether records cannot reach it meanwhile, and changes of keys must be refused. */
  readonly isAway: boolean;
  /** Begins. @returns how it ends */
  readonly strike: (database: ForeignDatabase) => Promise<() => Promise<void>>;
}

const nothing = (): Promise<void> => Promise.resolve();

const byLink = (
  name: string,
  fault: Parameters<ForeignDatabase['proxy']['set']>[0],
  isAway: boolean,
): DatabaseOutage => ({
  name,
  isAway,
  strike: async ({ proxy }) => {
    await proxy.set(fault);
    return () => proxy.set({ kind: 'none' });
  },
});

/** Stops it again and again, a moment each. */
const pulses = async (database: ForeignDatabase, until: AbortSignal): Promise<void> => {
  while (!until.aborted) {
    const stopped = await database.stop();
    await pause(400);
    stopped.go();
    await pause(200);
  }
};

/** Every way but that of standing still for long, which needs a database of its own. */
export const databaseOutages: readonly DatabaseOutage[] = [
  {
    name: 'killed',
    isAway: false,
    strike: async (database) => {
      await database.kill();
      return nothing;
    },
  },
  byLink('refuses connections', { kind: 'refuse' }, true),
  {
    name: 'read-only',
    isAway: true,
    strike: async (database) => {
      await database.say('ALTER SYSTEM SET default_transaction_read_only = on', 'SELECT pg_reload_conf()');
      return () => database.say('ALTER SYSTEM RESET default_transaction_read_only', 'SELECT pg_reload_conf()');
    },
  },
  byLink('slow on the way', { kind: 'delay', ms: 150 }, false),
  {
    name: 'slow by itself',
    isAway: false,
    strike: (database) => {
      const ended = new AbortController();
      const pulsing = pulses(database, ended.signal);
      return Promise.resolve(async () => {
        ended.abort();
        await pulsing;
      });
    },
  },
  {
    name: 'restarted',
    isAway: false,
    strike: async (database) => {
      await database.restart();
      return nothing;
    },
  },
  {
    name: 'has no connection left',
    isAway: true,
    strike: (database) => database.fill(),
  },
  {
    name: 'fails each statement',
    isAway: true,
    strike: async (database) => {
      await database.say(
        'ALTER TABLE archipel.attempt RENAME TO hidden',
        'ALTER TABLE archipel.api_key RENAME TO hidden_key',
      );
      return () =>
        database.say(
          'ALTER TABLE archipel.hidden RENAME TO attempt',
          'ALTER TABLE archipel.hidden_key RENAME TO api_key',
        );
    },
  },
  byLink('takes commits and does not tell', { kind: 'lose-answer', to: 'COMMIT' }, true),
  {
    name: 'failed over to a copy that was behind',
    isAway: false,
    strike: async (database) => {
      await database.failOver();
      return nothing;
    },
  },
];
