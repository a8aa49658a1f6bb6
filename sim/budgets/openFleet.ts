import { canaryOf } from '../../test/rigs/canaries/canaryOf.ts';
import { ForeignDatabase } from '../../test/rigs/ForeignDatabase.ts';
import { Replica } from '../../test/rigs/Replica.ts';
import { removeServer } from '../../test/rigs/removeServer.ts';
import { openRivals, type BudgetedKey, type Rivals } from '../../test/rigs/rivals.ts';

/** Other tests on the same machine must not look like overload, nor a replica that stood still like a vendor that did. */
const limits = { firstByteMs: 20_000, idleMs: 20_000, turnMs: 60_000 };

const databaseName = 'ARCHIPEL_SIM_DATABASE_URL';

export interface FleetOptions {
  readonly seed: number;
  readonly replicas: number;
  /** One budget each, in dollars. */
  readonly budgetsUsd: readonly string[];
  /** `shared`: one PostgreSQL for all. `own`: each its own, so that none knows of the others. */
  readonly databases: 'shared' | 'own';
  /** Given what ends and removes a thing that was opened. */
  readonly onOpen: (end: () => Promise<void>) => void;
}

/** Replicas of a gateway, the vendors that outlive them, and keys with budgets that they share. */
export interface Fleet {
  readonly rivals: Rivals;
  readonly replicas: readonly Replica[];
  readonly keys: readonly BudgetedKey[];
  /** Past every link; null where each replica has its own. */
  readonly databaseUrl: string | null;
}

const keysOf = (budgetsUsd: readonly string[]): readonly BudgetedKey[] =>
  budgetsUsd.map((usd, index) => ({ name: `budget-${index}`, key: canaryOf(`client key of budget ${index}`), usd }));

const openDatabase = async ({ databases, onOpen }: FleetOptions): Promise<string | null> => {
  if (databases === 'own') return null;
  const database = await ForeignDatabase.open();
  onOpen(() => database.remove());
  return database.directUrl;
};

/** Starts it all, replicas one after the other. */
export const openFleet = async (options: FleetOptions): Promise<Fleet> => {
  const { seed, budgetsUsd, onOpen } = options;
  const rivals = await openRivals({ seed });
  onOpen(() => rivals.close());
  const databaseUrl = await openDatabase(options);
  const keys = keysOf(budgetsUsd);
  const store = databaseUrl === null ? '' : `store: { url: "\${env:${databaseName}}" }\n`;
  const server = {
    configuration: `${rivals.configuration({ limits, budgeted: keys })}${store}`,
    env: { ...rivals.env, ...(databaseUrl === null ? {} : { [databaseName]: databaseUrl }) },
  };
  const replicas: Replica[] = [];
  while (replicas.length < options.replicas) {
    replicas.push(await Replica.start(server, (started) => onOpen(() => removeServer(started))));
  }
  return { rivals, replicas, keys, databaseUrl };
};
