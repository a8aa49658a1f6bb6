/** A provider or a site of the file, by what it needs. */
export interface Needing {
  readonly names: readonly string[];
  readonly hosts: readonly string[];
  readonly dependsOn: readonly string[];
}

/**
 * Hosts without which one stops, along the whole chain: what it depends on may be another provider or site of the file, whose own hosts and needs are then its.
 * A chain that comes back to where it was ends there.
 */
export const dependsOnOf = ({ dependsOn }: Pick<Needing, 'dependsOn'>, all: readonly Needing[]): readonly string[] => {
  const found = new Set<string>();
  const waiting = [...dependsOn];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const other of all) if (other.names.includes(name)) waiting.push(...other.hosts, ...other.dependsOn);
  }
  return [...found].toSorted();
};
