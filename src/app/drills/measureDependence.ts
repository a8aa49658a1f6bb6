import {
  dependenceOf,
  LossEstimate,
  lossText,
  resilienceOf,
  type Dependence,
  type LossOutcome,
  type Supply,
} from '../../drills/index.ts';
import type { Json } from '../../http/index.ts';
import { shareDimensions } from '../../ledger/index.ts';
import { requestsByMinute, supplyUse, type Database, type RequestStretch } from '../../store/index.ts';
import { featureSet } from '../../vocabulary/index.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { toJson } from '../toJson.ts';
import { chainsOf } from './supplyOf.ts';

/** How many of the last days dependence and the loss of one are measured by. */
export const dependenceDays = 7;

/** One statement of a question about the last days' requests. */
const statementMs = 120_000;

/** What the ledger says of how much is depended on whom. */
export interface MeasuredDependence {
  readonly dependence: Dependence;
  readonly outcomes: readonly LossOutcome[];
}

/** Reads use and demand from the ledger, minute by minute. @throws CodedError `database_unavailable` */
export const measureDependence = async (
  database: Database,
  stretch: RequestStretch,
  supply: Supply,
  { providers, sites, policy }: Pick<ArchipelConfiguration, 'providers' | 'sites' | 'policy'>,
): Promise<MeasuredDependence> => {
  const dependence = dependenceOf(await supplyUse(database, stretch), chainsOf({ providers, sites }));
  const estimate = new LossEstimate(supply, policy.resilience?.lostVendors ?? 1);
  const session = await database.session({ purpose: 'dependency', queryMs: statementMs });
  try {
    for await (const { needs, ...minute } of requestsByMinute(session, stretch))
      estimate.add({ ...minute, needs: needs === null ? null : featureSet(needs) });
  } finally {
    await session.end();
  }
  return { dependence, outcomes: estimate.outcomes() };
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

const resilienceJson = (outcomes: readonly LossOutcome[], policy: ArchipelConfiguration['policy']): Json => {
  const { resilience } = policy;
  if (resilience === null) return null;
  const { lostVendors, servedShare } = resilience;
  const asked = Number(servedShare.numerator) / Number(servedShare.denominator);
  const { verdict, worst } = resilienceOf(outcomes, lostVendors, asked);
  return { lostVendors, servedShare: asked, verdict, worst: worst === null ? null : outcomeJson(worst) };
};

/** What the report of dependence has from the ledger beside the shares of the running window. */
export const measuredDependenceJson = (
  stretch: RequestStretch,
  { dependence, outcomes }: MeasuredDependence,
  { policy }: Pick<ArchipelConfiguration, 'policy'>,
): { readonly [name: string]: Json } => ({
  measured: measuredJson(stretch, dependence),
  without: outcomes
    .toSorted((one, other) => one.possibleShare - other.possibleShare || one.certainShare - other.certainShare)
    .map(outcomeJson),
  resilience: resilienceJson(outcomes, policy),
});
