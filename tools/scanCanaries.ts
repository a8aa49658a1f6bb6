// `node tools/scanCanaries.ts FOLDER [LOG...]`: looks for the secrets of a run in all that its servers, commands and suites wrote.
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { type AllowedPlace, allowedPlaces } from '../test/rigs/canaries/allowedPlaces.ts';
import { outputName, secretsName } from '../test/rigs/canaries/OutputKeeper.ts';
import { type PlacedSecret, SecretScan, type Sighting } from '../test/rigs/canaries/SecretScan.ts';

export interface Leak extends Sighting {
  readonly path: string;
}

export interface CanaryReport {
  readonly secrets: number;
  readonly files: number;
  readonly bytes: number;
  readonly leaks: readonly Leak[];
  /** Sightings in places where a secret stands by right. */
  readonly allowed: number;
}

const readSecrets = (folder: string): PlacedSecret[] => {
  const path = join(folder, secretsName);
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line): PlacedSecret => JSON.parse(line) as PlacedSecret);
};

const isAllowed = (places: readonly AllowedPlace[], path: string, { slot }: Sighting): boolean =>
  places.some((place) => place.path.test(path) && place.slot.test(slot));

/** Each secret once: several processes may have put the same one into slots. */
const distinct = (secrets: readonly PlacedSecret[]): PlacedSecret[] => [
  ...new Map(secrets.map((one) => [one.secret, one])).values(),
];

/**
 * Judges what a run left in its folder.
 * @param logs further files, such as what the suites printed. No place in them is allowed.
 */
export const scanCanaries = (folder: string, logs: readonly string[], places = allowedPlaces): CanaryReport => {
  const secrets = distinct(readSecrets(folder));
  const scan = new SecretScan(secrets);
  const root = join(folder, outputName);
  // Below a folder for each process of tests stands one for each server or command.
  const outputs = globSync('*/*/**', { cwd: root }).filter((path) => statSync(join(root, path)).isFile());
  const written = outputs
    .toSorted()
    .map((path) => ({ path, at: join(root, path), place: path.replace(/^[^/]*\//, '') }));
  const printed = logs.map((at) => ({ path: basename(at), at, place: '' }));
  const leaks: Leak[] = [];
  let [bytes, allowed] = [0, 0];
  for (const { path, at, place } of [...written, ...printed]) {
    const content = readFileSync(at);
    bytes += content.length;
    for (const sighting of scan.find(content)) {
      if (isAllowed(places, place, sighting)) allowed += 1;
      else leaks.push({ path, ...sighting });
    }
  }
  return { secrets: secrets.length, files: written.length + printed.length, bytes, leaks, allowed };
};

if (import.meta.main) {
  const [folder = '.', ...logs] = parseArgs({ allowPositionals: true }).positionals;
  const { secrets, files, bytes, leaks, allowed } = scanCanaries(folder, logs);
  for (const { path, slot, form, offset } of leaks) console.error(`${path}: ${slot} (${form}) at byte ${offset}`);
  const seen = `${secrets} secrets, ${files} files, ${(bytes / 1e6).toFixed(1)} MB, ${allowed} in places that are allowed`;
  console.log(`canaries: ${seen}, ${leaks.length} leaked`);
  // A run without secrets or without output proves nothing; one without an allowed sighting did not even see what it must see.
  const proven = secrets > 0 && files > 0 && allowed > 0;
  if (!proven) console.error('canaries: nothing was put into slots or seen where it must be: the scan proves nothing');
  process.exitCode = leaks.length === 0 && proven ? 0 : 1;
}
