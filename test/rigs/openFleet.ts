import { canaryOf } from './canaries/canaryOf.ts';
import { ForeignDatabase } from './ForeignDatabase.ts';
import { removeServer } from './removeServer.ts';
import { Replica } from './Replica.ts';
import { openRivals, type BudgetedKey, type Rivals } from './rivals.ts';

/** Other tests on the same machine must not look like overload, nor a replica that stood still like a vendor that did. */
const limits = { firstByteMs: 20_000, idleMs: 20_000, holdHeadersMs: 60_000, turnMs: 60_000 };

const databaseName = 'ARCHIPEL_FLEET_DATABASE_URL';

export interface FleetOptions {
  readonly seed: number;
  readonly replicas: number;
  /** One budget each, in dollars. */
  readonly budgetsUsd: readonly string[];
  /** `shared`: one PostgreSQL for all. `linked`: the same, behind its link, which can break. `own`: each its own, so that none knows of the others. */
  readonly databases: 'shared' | 'linked' | 'own';
  /** How long a lease of a budget lasts, where it is not as long as by itself. Milliseconds. */
  readonly leaseMs?: number;
  /** Given what ends and removes a thing that was opened. */
  readonly onOpen: (end: () => Promise<void>) => void;
}

/** Replicas of a gateway, the vendors that outlive them, and keys with budgets that they share. */
export interface Fleet {
  readonly rivals: Rivals;
  readonly replicas: readonly Replica[];
  readonly keys: readonly BudgetedKey[];
  /** Null where each replica has its own. */
  readonly database: ForeignDatabase | null;
}

const keysOf = (budgetsUsd: readonly string[]): readonly BudgetedKey[] =>
  budgetsUsd.map((usd, index) => ({ name: `budget-${index}`, key: canaryOf(`client key of budget ${index}`), usd }));

const openDatabase = async ({ databases, onOpen }: FleetOptions): Promise<ForeignDatabase | null> => {
  if (databases === 'own') return null;
  const database = await ForeignDatabase.open();
  onOpen(() => database.remove());
  return database;
};

/** Starts it all, replicas one after the other. */
export const openFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { seed, budgetsUsd, databases, leaseMs, onOpen } = options;
  const rivals = await openRivals({ seed });
  onOpen(() => rivals.close());
  const database = await openDatabase(options);
  const keys = keysOf(budgetsUsd);
  const ledger = leaseMs === undefined ? '' : `ledger: { leaseMs: ${leaseMs} }\n`;
  const configuration = `${rivals.configuration({ limits, budgeted: keys })}${ledger}`;
  const url = databases === 'linked' ? database?.url : database?.directUrl;
  const server =
    url === undefined
      ? { configuration, env: rivals.env }
      : {
          configuration: `${configuration}store: { url: "\${env:${databaseName}}" }\n`,
          env: { ...rivals.env, [databaseName]: url },
        };
  const replicas: Replica[] = [];
  while (replicas.length < options.replicas) {
    replicas.push(await Replica.start(server, (started) => onOpen(() => removeServer(started))));
  }
  return { rivals, replicas, keys, database };
};
