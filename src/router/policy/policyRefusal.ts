import type { DataTerms } from '../../vocabulary/index.ts';
import type { EffectivePolicy } from './effectivePolicy.ts';

/** What policies ask of a deployment. */
export interface Place {
  readonly jurisdiction: string | null;
  readonly data: DataTerms;
  readonly tags: readonly string[];
}

/** Those of the policies that can keep a request away from a deployment. */
export type Restrictions = Pick<EffectivePolicy, 'jurisdictions' | 'retentionDaysMax' | 'mayTrain' | 'tags'>;

/** Why a policy keeps requests away from a deployment, for people; null where none does. */
export const policyRefusal = (policy: Restrictions, place: Place): string | null =>
  lawRefusal(policy, place) ??
  retentionRefusal(policy, place) ??
  trainingRefusal(policy, place) ??
  tagsRefusal(policy, place);

const lawRefusal = ({ jurisdictions }: Restrictions, { jurisdiction }: Place): string | null => {
  if (jurisdictions === null || (jurisdiction !== null && jurisdictions.includes(jurisdiction))) return null;
  const allowed = jurisdictions.length === 0 ? 'none at all' : `${jurisdictions.join(', ')} only`;
  const law =
    jurisdiction === null ? 'does not say which law it falls under' : `falls under the law of ${jurisdiction}`;
  return `${law}, and the policy allows ${allowed}`;
};

const retentionRefusal = ({ retentionDaysMax }: Restrictions, { data: { retentionDays } }: Place): string | null => {
  if (retentionDaysMax === null || (retentionDays !== null && retentionDays <= retentionDaysMax)) return null;
  const kept =
    retentionDays === null ? 'does not say how long it keeps requests' : `keeps requests for ${retentionDays} days`;
  return `${kept}, and the policy allows ${retentionDaysMax}`;
};

const trainingRefusal = ({ mayTrain }: Restrictions, { data: { training } }: Place): string | null => {
  if (mayTrain || training === false) return null;
  const trains = training === null ? 'does not say whether it trains on requests' : 'trains on requests';
  return `${trains}, and the policy does not allow that`;
};

const tagsRefusal = ({ tags: demanded }: Restrictions, { tags }: Place): string | null => {
  const missing = demanded.filter((tag) => !tags.includes(tag));
  return missing.length === 0 ? null : `lacks the tag ${missing.join(' and ')}`;
};
