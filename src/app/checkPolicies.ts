import type { ConfigurationPath, Findings } from '../config/index.ts';
import { providersNamed } from '../providers/index.ts';
import { effectivePolicy, policyRefusal } from '../router/index.ts';
import type { Ratio } from '../kernel/index.ts';
import type { RoutePolicy } from '../vocabulary/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

type Model = ArchipelConfiguration['models'] extends ReadonlyMap<string, infer Value> ? Value : never;

/** Most models, and most deployments of one, that a warning names. */
const namesMax = 5;

const asNumber = ({ numerator, denominator }: Ratio): number => Number(numerator) / Number(denominator);

/** Why each deployment of a model is kept away by these levels; null where one is not. */
const refusals = (
  { providers }: ArchipelConfiguration,
  { deployments }: Model,
  levels: readonly (RoutePolicy | null)[],
): readonly string[] | null => {
  const policy = effectivePolicy(levels.filter((level) => level !== null));
  const reasons: string[] = [];
  for (const { provider, model, tags } of deployments)
    for (const { name, jurisdiction, data } of providersNamed(providers, provider)) {
      const reason = policyRefusal(policy, { jurisdiction, data, tags });
      if (reason === null) return null;
      reasons.push(`${name}/${model} ${reason}`);
    }
  return reasons;
};

const tellNobody = (
  findings: Findings,
  path: ConfigurationPath,
  unserved: readonly { readonly name: string; readonly reasons: readonly string[] }[],
): void => {
  const [first] = unserved;
  if (first === undefined) return;
  const names = unserved.slice(0, namesMax).map(({ name }) => name);
  const more = unserved.length > namesMax ? ` and ${unserved.length - namesMax} more` : '';
  const why = first.reasons.length === 0 ? 'it has no provider' : first.reasons.slice(0, namesMax).join('; ');
  findings.warn(
    path,
    `its policies leave no deployment of ${names.join(', ')}${more} (${first.name}: ${why})`,
    'allow one of them, add a deployment that is allowed, or take the model from those that may be asked',
  );
};

/** Restrictions that leave nobody to serve: told once, at the widest level at which they do. */
const checkRestrictions = (findings: Findings, configuration: ArchipelConfiguration): void => {
  const { policy: file, models, organisations, teams, keys } = configuration;
  const unserved = (levels: readonly (RoutePolicy | null)[], names: Iterable<string>) =>
    [...names].flatMap((name) => {
      const model = models.get(name);
      const reasons = model === undefined ? null : refusals(configuration, model, [file, model.policy, ...levels]);
      return reasons === null ? [] : [{ name, reasons }];
    });
  const all = unserved([], models.keys());
  for (const one of all) tellNobody(findings, ['models', one.name], [one]);
  const told = new Set(all.map(({ name }) => name));
  const ofOrganisations = new Map<string, ReadonlySet<string>>();
  for (const [name, { policy }] of organisations) {
    if (policy === null) continue;
    const ofOrganisation = unserved([policy], models.keys()).filter((one) => !told.has(one.name));
    tellNobody(findings, ['organisations', name, 'policy'], ofOrganisation);
    ofOrganisations.set(name, new Set(ofOrganisation.map((one) => one.name)));
  }
  const ofTeams = new Map<string, ReadonlySet<string>>();
  for (const [name, { organisation, policy }] of teams) {
    if (policy === null) continue;
    const above = organisations.get(organisation)?.policy ?? null;
    const ofTeam = unserved([above, policy], models.keys()).filter(
      (one) => !told.has(one.name) && ofOrganisations.get(organisation)?.has(one.name) !== true,
    );
    tellNobody(findings, ['teams', name, 'policy'], ofTeam);
    ofTeams.set(name, new Set(ofTeam.map((one) => one.name)));
  }
  for (const [index, { policy, team, models: allowed }] of keys.entries()) {
    if (policy === null) continue;
    const organisation = teams.get(team)?.organisation ?? 'default';
    const ofTeam = teams.get(team)?.policy ?? null;
    const ofKey = unserved([organisations.get(organisation)?.policy ?? null, ofTeam, policy], allowed ?? models.keys());
    tellNobody(
      findings,
      ['keys', index, 'policy'],
      ofKey.filter(
        ({ name }) =>
          !told.has(name) &&
          ofOrganisations.get(organisation)?.has(name) !== true &&
          ofTeams.get(team)?.has(name) !== true,
      ),
    );
  }
};

/** What says how much of a model's traffic goes where. */
const checkPortions = (findings: Findings, { models }: ArchipelConfiguration): void => {
  for (const [name, { deployments }] of models) {
    const canaries = deployments.flatMap(({ canary }) => (canary === null ? [] : [asNumber(canary)]));
    for (const [index, { weight, canary }] of deployments.entries())
      if (weight !== null && canary !== null)
        findings.fault(['models', name, 'deployments', index], 'both a weight and a canary', 'keep one of the two');
    if (canaries.reduce((sum, share) => sum + share, 0) > 1 + Number.EPSILON * canaries.length)
      findings.fault(['models', name], 'canaries that add up to more than 1', 'let them add up to 1 at most');
    if (canaries.length > 0 && canaries.length === deployments.length)
      findings.warn(
        ['models', name],
        'every deployment is a canary, so that nobody has the rest of the traffic but by failures',
        'take canary from the one that has it',
      );
  }
};

/** A worth of seconds that no objective looks at. */
const checkSeconds = (
  findings: Findings,
  { policy, models, organisations, teams, keys }: ArchipelConfiguration,
): void => {
  const levels: readonly { readonly path: ConfigurationPath; readonly policy: RoutePolicy | null }[] = [
    { path: ['policy'], policy },
    ...[...models].map(([name, model]) => ({ path: ['models', name, 'policy'], policy: model.policy })),
    ...[...organisations].map(([name, organisation]) => ({
      path: ['organisations', name, 'policy'],
      policy: organisation.policy,
    })),
    ...[...teams].map(([name, team]) => ({ path: ['teams', name, 'policy'], policy: team.policy })),
    ...keys.map((key, index) => ({ path: ['keys', index, 'policy'], policy: key.policy })),
  ];
  if (levels.some((level) => level.policy?.objective === 'balanced')) return;
  for (const { path, policy: one } of levels)
    if ((one?.usdPerSecond ?? null) !== null)
      findings.warn(
        [...path, 'usdPerSecond'],
        'a second counts under the objective balanced only, which nobody has',
        'say objective: balanced, or leave it out',
      );
};

/** Policies that cannot be kept, or say nothing. */
export const checkPolicies = (findings: Findings, configuration: ArchipelConfiguration): void => {
  checkRestrictions(findings, configuration);
  checkPortions(findings, configuration);
  checkSeconds(findings, configuration);
};
