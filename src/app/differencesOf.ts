import type { Replica, ReplicaSelf } from '../store/index.ts';

/** After so much silence a replica is no longer counted among those that live: a few beats. */
export const livesMs = 5_000;

/** How a replica is called where people read of it. */
export const replicaName = ({ host, pid }: Pick<Replica, 'host' | 'pid'>): string => `${host} (process ${pid})`;

const hashShown = 12;

/** How replicas that live differ from one of them; null where all run the same program under the same configuration. */
export const differencesOf = (
  replicas: readonly Replica[],
  self: Pick<ReplicaSelf, 'instance' | 'version' | 'configurationHash'>,
): string | null => {
  const others = replicas.filter(({ instance, silentMs }) => instance !== self.instance && silentMs <= livesMs);
  const told = others.flatMap((other) => {
    const differs = [
      ...(other.version === self.version ? [] : [`version ${other.version} and not ${self.version}`]),
      ...(other.configurationHash === self.configurationHash
        ? []
        : [
            `the configuration ${other.configurationHash.slice(0, hashShown)} and not ${self.configurationHash.slice(0, hashShown)}`,
          ]),
    ];
    return differs.length === 0 ? [] : [`${replicaName(other)} has ${differs.join(', and ')}`];
  });
  return told.length === 0 ? null : told.join('; ');
};
