import { coveringContracts, fulfilmentWindow, inDrawOrder, type Contract } from '../../contracts/index.ts';
import type { Deployment } from '../../gateway/index.ts';
import type { CalendarWindow } from '../../ledger/index.ts';
import type { Caps, Forecast, PacedTarget, PacingPlan } from '../../router/index.ts';
import { targetName } from '../../vocabulary/index.ts';
import { pacedFloor } from './pacedFloor.ts';
import { pacedPool, type KnownPool } from './pacedPool.ts';

/** What a plan is made from. */
export interface PlanParts {
  readonly contracts: readonly Contract[];
  readonly deployments: readonly Pick<Deployment, 'target' | 'vendor' | 'hosts' | 'jurisdiction' | 'lab'>[];
  readonly caps: Caps;
  /** In which caps are counted. */
  readonly window: Pick<CalendarWindow, 'fromMs' | 'untilMs'>;
  readonly forecast: Forecast;
  /** What the ledger said of pools, by their ids. */
  readonly known: ReadonlyMap<string, KnownPool>;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

/** A plan, and where its targets stand in it. */
export interface IndexedPlan {
  readonly plan: PacingPlan;
  /** By `targetName`. */
  readonly indexes: ReadonlyMap<string, number>;
  /** When it is no longer true: a contract or an interval begins or ends, or the window of the caps. Unix milliseconds. */
  readonly untilMs: number;
}

/** The first instant after now at which something of a contract changes. */
const nextBorder = (contract: Contract, nowMs: number): number => {
  if (nowMs < contract.fromMs) return contract.fromMs;
  if (nowMs >= contract.untilMs) return Infinity;
  return contract.kind === 'pool' ? fulfilmentWindow(contract, nowMs).untilMs : contract.untilMs;
};

/** The contracts in force and the caps, as they are paced; null where there are neither. */
export const pacingPlanOf = (parts: PlanParts): IndexedPlan | null => {
  const { contracts, deployments, caps, window, forecast, known, nowMs } = parts;
  const untilMs = Math.min(window.untilMs, ...contracts.map((contract) => nextBorder(contract, nowMs)));
  const isInForce = ({ fromMs, untilMs: endMs }: Contract): boolean => fromMs <= nowMs && nowMs < endMs;
  const pools = contracts.filter((contract) => contract.kind === 'pool').filter(isInForce);
  const floors = contracts.filter((contract) => contract.kind === 'floor').filter(isInForce);
  const isCapped = Object.values(caps).some((cap) => cap !== null);
  if (contracts.length === 0 && !isCapped) return null;
  const indexes = new Map<string, number>();
  const targets: PacedTarget[] = [];
  for (const { target, vendor, hosts, jurisdiction, lab } of deployments) {
    const name = targetName(target);
    if (indexes.has(name)) continue;
    const through = inDrawOrder(coveringContracts([...floors, ...pools], target, nowMs)).map(({ id }) => id);
    const pool = pools.findIndex(({ id }) => through.includes(id));
    indexes.set(name, targets.length);
    targets.push({
      vendor,
      hosts,
      jurisdiction,
      lab,
      pools: pool < 0 ? [] : [pool],
      floors: through.flatMap((id) => {
        const floor = floors.findIndex((one) => one.id === id);
        return floor < 0 ? [] : [floor];
      }),
    });
  }
  const plan = {
    targets,
    pools: pools.map((pool) => pacedPool(pool, contracts, known.get(pool.id) ?? null, nowMs)),
    floors: floors.map(pacedFloor),
    caps,
    windowFromMs: window.fromMs,
    windowUntilMs: window.untilMs,
    forecast,
    beginsMs: nowMs,
  };
  return { plan, indexes, untilMs };
};
