// Where a request goes now, why, and what its outcome teaches: choice, guards, passive health, retry budget, estimates. Pure.
export { atItsLimit, type Admission, type ClosedAdmission, type ScopeKind } from './admission.ts';
export { candidateName, type Candidate } from './candidate.ts';
export { choose, type Choice, type Question } from './choose.ts';
export { guardForecastShare, type Caps, type Dimension, type SharesView } from './concentrationGuard.ts';
export { routerErrors } from './errors.ts';
export { exhausted, type Exhaustion, type Remaining } from './exhausted.ts';
export { Health, type HealthEvent, type ScopeHealth } from './Health.ts';
export type { HealthLimits } from './healthLimits.ts';
export { OutputEstimate } from './OutputEstimate.ts';
export { OutputQuantile } from './OutputQuantile.ts';
export { effectivePolicy, type EffectivePolicy } from './policy/effectivePolicy.ts';
export { isPinned, pinnable, pinText, readPin, type Pin } from './policy/pin.ts';
export { Policies, type PolicyLevels } from './policy/Policies.ts';
export { policyRefusal, type Place, type Restrictions } from './policy/policyRefusal.ts';
export { RetryBudget, type RetryBudgetLimits, type RetryBudgetStanding } from './RetryBudget.ts';
export { sameTargetWait, sameTargetWaitMsMax, type NextStep, type Prospects } from './sameTargetWait.ts';
export type { Ticket } from './Ticket.ts';
export * from './schema.ts';
