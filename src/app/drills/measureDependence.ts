import {
  dependenceOf,
  lossAssumptions,
  LossEstimate,
  lossText,
  resilienceOf,
  type Dependence,
  type LossOutcome,
  type Supply,
} from '../../drills/index.ts';
import type { Json } from '../../http/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { shareDimensions } from '../../ledger/index.ts';
import { requestsByMinute, supplyUse, type Database, type RequestStretch } from '../../store/index.ts';
import { featureSet } from '../../vocabulary/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { toJson } from '../toJson.ts';
import { chainsOf } from './supplyOf.ts';
import { Turns } from './Turns.ts';

/** How many of the last days dependence and the loss of one are measured by. */
export const dependenceDays = 7;

/** One statement of a question about the last days' requests. */
const statementMs = 120_000;

/** What the ledger says of how much is depended on whom. */
export interface MeasuredDependence {
  /** What it was measured of. */
  readonly stretch: RequestStretch;
  readonly dependence: Dependence;
  readonly outcomes: readonly LossOutcome[];
  /** Whether there are more sets of vendors than were looked at. */
  readonly areSetsCut: boolean;
}

/** Reads use and demand from the ledger on one connection of its own, minute by minute. @throws CodedError `database_unavailable` */
export const measureDependence = async (
  database: Database,
  stretch: RequestStretch,
  supply: Supply,
  { providers, sites, policy }: Pick<ArchipelConfiguration, 'providers' | 'sites' | 'policy'>,
  clock: Clock,
): Promise<MeasuredDependence> => {
  const estimate = new LossEstimate(supply, policy.resilience?.lostVendors ?? 1);
  const session = await database.session({ purpose: 'dependency', queryMs: statementMs });
  const turns = new Turns(clock);
  try {
    // Nobody waits any more for what the connection has given up.
    await session.query("SELECT set_config('statement_timeout', $1, false)", [String(statementMs)]);
    const dependence = dependenceOf(await supplyUse(session, stretch), chainsOf({ providers, sites }));
    for await (const { needs, ...minute } of requestsByMinute(session, stretch, supply.policies)) {
      estimate.add({ ...minute, needs: needs === null ? null : featureSet(needs) });
      await turns.next();
    }
    return { stretch, dependence, outcomes: estimate.outcomes(), areSetsCut: estimate.areSetsCut };
  } finally {
    await session.end();
  }
};

const outcomeJson = ({ losses, ...outcome }: LossOutcome): Json => toJson({ lost: losses.map(lossText), ...outcome });

const measuredJson = ({ fromMs, toMs }: RequestStretch, { totals, rows, hhi }: Dependence): Json => ({
  from: new Date(fromMs).toISOString(),
  until: new Date(toMs).toISOString(),
  totals: {
    spendNanoUsd: totals.spend.toString(),
    tokens: totals.tokens.toString(),
    requests: Number(totals.requests),
  },
  hhi: toJson(hhi),
  dimensions: Object.fromEntries(
    shareDimensions.map((dimension) => [
      dimension,
      rows[dimension]
        .toSorted((one, other) => other.shares.spend - one.shares.spend)
        .map(({ name, parts, shares }): Json => ({
          name,
          spendNanoUsd: parts.spend.toString(),
          tokens: parts.tokens.toString(),
          requests: Number(parts.requests),
          spendShare: shares.spend,
          tokensShare: shares.tokens,
          requestsShare: shares.requests,
        })),
    ]),
  ),
});

const resilienceJson = (
  { outcomes, areSetsCut }: MeasuredDependence,
  policy: ArchipelConfiguration['policy'],
): Json => {
  const { resilience } = policy;
  if (resilience === null) return null;
  const { lostVendors, servedShare } = resilience;
  const asked = Number(servedShare.numerator) / Number(servedShare.denominator);
  const { verdict, worst } = resilienceOf(outcomes, lostVendors, asked, areSetsCut);
  return { lostVendors, servedShare: asked, verdict, worst: worst === null ? null : outcomeJson(worst) };
};

/** What the report of dependence has from the ledger beside the shares of the running window. */
export const measuredDependenceJson = (
  found: MeasuredDependence,
  { policy }: Pick<ArchipelConfiguration, 'policy'>,
): { readonly [name: string]: Json } => ({
  measured: measuredJson(found.stretch, found.dependence),
  without: found.outcomes
    .toSorted((one, other) => one.possibleShare - other.possibleShare || one.certainShare - other.certainShare)
    .map(outcomeJson),
  resilience: resilienceJson(found, policy),
  assumptions: lossAssumptions,
});
