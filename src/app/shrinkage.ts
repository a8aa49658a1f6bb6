import type { KeyTable } from '../access/index.ts';
import { defaultBaseUrl, providersNamed } from '../providers/index.ts';
import { targetName } from '../vocabulary/index.ts';
import { wires } from '../wire/index.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';

/** A configuration, and the keys that are valid under it: its own and those made over the API. */
export interface Serving {
  readonly configuration: ArchipelConfiguration;
  readonly keys: KeyTable;
}

/** Names that a message lists at most. */
const namesToldMax = 5;

/** What serves a model by the file. Servers of jobs come and go by themselves. */
const targetsOf = ({ providers }: ArchipelConfiguration, model: ConfiguredModel): readonly string[] =>
  model.deployments.flatMap((deployment) =>
    providersNamed(providers, deployment.provider)
      .filter((provider) => wires.has(provider.wire) && (provider.baseUrl ?? defaultBaseUrl(provider)) !== null)
      .map((provider) => targetName({ provider: provider.name, model: deployment.model })),
  );

type ConfiguredModel = ArchipelConfiguration['models'] extends ReadonlyMap<string, infer Model> ? Model : never;

const allTargets = (configuration: ArchipelConfiguration): readonly string[] =>
  [...configuration.models.values()].flatMap((model) => targetsOf(configuration, model));

/** What was there and is no more, each as often as it is missing: a target may serve several models. */
const missing = (before: readonly string[], after: readonly string[]): readonly string[] => {
  const left = new Map<string, number>();
  for (const name of after) left.set(name, (left.get(name) ?? 0) + 1);
  return before.filter((name) => {
    const count = left.get(name) ?? 0;
    left.set(name, count - 1);
    return count <= 0;
  });
};

const listed = (names: readonly string[]): string => {
  const distinct = [...new Set(names)];
  const more = distinct.length > namesToldMax ? `, and ${distinct.length - namesToldMax} more` : '';
  return distinct.slice(0, namesToldMax).join(', ') + more;
};

const lostTargets = (running: Serving, wanted: Serving): string | null => {
  const [before, after] = [allTargets(running.configuration), allTargets(wanted.configuration)];
  const gone = missing(before, after);
  if (gone.length * 2 <= before.length || after.length >= before.length) return null;
  return `${gone.length} of ${before.length} targets would be gone (${listed(gone)})`;
};

/** Hashes of the keys that open anything. */
const usableKeys = ({ keys }: Serving): readonly string[] =>
  [...keys.values()].filter((key) => key.revokedAtMs === null && !key.orphaned).map(({ hash }) => hash);

const lostKeys = (running: Serving, wanted: Serving): string | null => {
  const [before, after] = [usableKeys(running), usableKeys(wanted)];
  if (missing(before, after).length < before.length || after.length >= before.length) return null;
  return `none of the ${before.length} keys of clients would be left`;
};

const lostModels = (running: Serving, wanted: Serving): string | null => {
  const bare = [...wanted.configuration.models].filter(([name, model]) => {
    const before = running.configuration.models.get(name);
    const served = before !== undefined && targetsOf(running.configuration, before).length > 0;
    return served && targetsOf(wanted.configuration, model).length === 0;
  });
  if (bare.length === 0) return null;
  return `nothing would serve ${listed(bare.map(([name]) => name))} any more`;
};

/**
 * Whether a configuration takes away so much of what serves that it is more likely a mistake, such as a file that was cut off, than a wish: more than half of the
 * targets, all keys, or all that serves a model that stays. What is replaced by as much is no loss.
 * @returns what would be lost, or null.
 */
export const shrinkage = (running: Serving, wanted: Serving): string | null => {
  const losses = [lostTargets, lostKeys, lostModels].flatMap((loss) => loss(running, wanted) ?? []);
  return losses.length === 0
    ? null
    : `The new configuration would take most of what serves away: ${losses.join('; ')}.`;
};
