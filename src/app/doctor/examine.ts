import { statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { defaultTransportLimits, LeanTransport } from '../../egress/index.ts';
import { addressFault } from '../../http/index.ts';
import { CodedError, errorMessage, formatSecretReference, type Secret } from '../../kernel/index.ts';
import {
  findEmbeddedPostgres,
  holderOfDataDir,
  inspectDatabase,
  inspectSpool,
  type InspectedDatabase,
} from '../../store/index.ts';
import { checkFile } from '../checkFile.ts';
import type { Surroundings } from '../chooseConfiguration.ts';
import type { ArchipelConfiguration } from '../configurationSchema.ts';
import { isRunning, readControlFileIn, writtenPlace, type ControlFile } from '../controlFile.ts';
import { findInstallation, folderOf } from '../findInstallation.ts';
import { knownSecrets, providerKeyOf, readSecret } from '../knownSecrets.ts';
import { secretReferencesOf } from '../loadConfiguration.ts';
import { machineClock } from '../machine.ts';
import { readVersion } from '../readVersion.ts';
import { scrubSecrets } from '../scrubSecrets.ts';
import { checkClock } from './checkClock.ts';
import { checkDataDir, nearestFolder } from './checkDataDir.ts';
import { checkDisk } from './checkDisk.ts';
import { checkProvider } from './checkProvider.ts';
import { checkRuntime } from './checkRuntime.ts';
import { checkServer } from './checkServer.ts';
import { findingsOf, type Finding } from './Finding.ts';
import { judgeDatabase, judgeStopped, unreachableDatabase } from './judgeDatabase.ts';
import { judgeFleet } from './judgeFleet.ts';
import { judgeBacklog, judgeSpool } from './judgeSpool.ts';
import { runtimeFacts } from './runtimeFacts.ts';

export interface ExamineOptions extends Surroundings {
  /** Whether providers are asked. */
  readonly providers: boolean;
}

/** What the doctor found. */
export interface Examination {
  /** Whether nothing failed. */
  readonly healthy: boolean;
  readonly findings: readonly Finding[];
}

/** No check takes longer than this, whatever hangs. */
const checkMs = 20_000;

/** Where a program would run, as far as a configuration that may be broken tells. */
interface Place {
  readonly configuration: ArchipelConfiguration | null;
  readonly sandbox: boolean;
  readonly dataDir: string;
  readonly folder: string;
  readonly control: ControlFile | null;
  /** Whether a server runs on this data dir. */
  readonly serves: boolean;
}

/** Where a server would write whose configuration cannot be used, or is not there. */
const placeDespite = (where: Surroundings): string => {
  try {
    return writtenPlace(where);
  } catch {
    return resolve(where.cwd, where.dataDir ?? 'data');
  }
};

const placeOf = (where: Surroundings, found: Awaited<ReturnType<typeof findInstallation>> | null): Place => {
  const known = found?.ok === true ? found.value : null;
  const sandbox = known?.source.kind === 'sandbox';
  const dataDir = known?.dataDir ?? placeDespite(where);
  const control = readControlFileIn(dataDir);
  return {
    configuration: known?.configuration ?? null,
    sandbox,
    dataDir,
    folder: folderOf(dataDir, sandbox),
    control,
    serves: control !== null && isRunning(control),
  };
};

const configurationFindings = async (where: Surroundings, place: Place): Promise<readonly Finding[]> => {
  const { ok, warn, fail } = findingsOf('configuration');
  const { configuration, serves } = place;
  if (place.sandbox) return [ok('no archipel.yaml: the sandbox of simulated vendors is served')];
  if (configuration === null) {
    const { file, faults } = await checkFile(where);
    return faults.map((fault) => fail(fault, 'mend this place; "archipel check" tells whether it is gone', file));
  }
  const missing = secretReferencesOf(configuration).flatMap(({ path, reference }) => {
    const secret = readSecret(reference, where.env);
    if (secret.ok) return [];
    const what = `${path.join('.')}: ${secret.fault}`;
    const written = formatSecretReference(reference);
    // The environment of a server is not that of the shell beside it.
    return [
      serves && reference.kind === 'env'
        ? warn(`${what}, in this shell`, `give ${written} here too, so that it can be looked at`)
        : fail(what, `give ${written}, or refer to where the secret is`),
    ];
  });
  if (missing.length > 0) return missing;
  const { file, warnings } = await checkFile(where);
  return [ok(`${file} is valid`), ...warnings.map((warning) => warn(warning, 'decide whether it is meant', file))];
};

const portFindings = async ({ configuration, control, serves }: Place): Promise<readonly Finding[]> => {
  const { ok, fail } = findingsOf('port');
  const usual = { listen: { host: '127.0.0.1', port: 8787 }, admin: { listen: { host: '127.0.0.1', port: 8788 } } };
  const { listen, admin } = configuration ?? usual;
  const ours = new Set(
    serves
      ? [control?.url, control?.adminUrl].flatMap((url) => (typeof url === 'string' ? [new URL(url).port] : []))
      : [],
  );
  return Promise.all(
    [listen, admin.listen].map(async ({ host, port }) => {
      const address = `${host}:${port}`;
      if (port === 0) return ok('a free one is taken at the start', address);
      if (ours.has(String(port))) return ok('our server listens there', address);
      const fault = await addressFault(host, port);
      if (fault === null) return ok('free', address);
      if (fault === 'EADDRINUSE')
        return fail('another program listens there', 'stop it, or choose another port (listen, admin.listen)', address);
      if (fault === 'EACCES')
        return fail(
          'only root may listen there',
          'choose a port above 1023, or let systemd give the right (CAP_NET_BIND_SERVICE)',
          address,
        );
      return fail(`it cannot be had (${fault})`, 'name an address that this machine has', address);
    }),
  );
};

const diskFindings = ({ dataDir }: Place): readonly Finding[] => {
  const path = nearestFolder(dataDir);
  const { bavail, bsize, ffree, files } = statfsSync(path);
  return checkDisk({ path, freeBytes: bavail * bsize, freeFiles: files === 0 ? null : ffree });
};

const databaseFindings = async (where: Surroundings, place: Place): Promise<readonly Finding[]> => {
  const { configuration, folder, serves } = place;
  const reference = configuration?.store.url ?? null;
  if (reference !== null) {
    const secret = readSecret(reference, where.env);
    // The configuration's findings say so.
    return secret.ok ? inspected('the database', secret.value, judgeFleet) : [];
  }
  if (configuration === null && !place.sandbox) return [];
  const found = await findEmbeddedPostgres(join(folder, 'postgres'));
  if (found?.url) return inspected('the embedded database', found.url);
  return judgeStopped(found, serves);
};

const inspected = async (
  name: string,
  url: Secret,
  judgeOthers: (found: InspectedDatabase) => readonly Finding[] = () => [],
): Promise<readonly Finding[]> => {
  try {
    const found = await inspectDatabase(url, machineClock);
    const clock = checkClock({ of: name, skewMs: found.skewMs, exactToMs: found.answerMs / 2 });
    return [...judgeDatabase(name, found), clock, ...judgeOthers(found)];
  } catch (error) {
    return [unreachableDatabase(name, errorMessage(error))];
  }
};

const spoolFindings = async (
  { folder }: Place,
  backlogRecords: number | null,
  serves: boolean,
): Promise<readonly Finding[]> => {
  if (backlogRecords !== null) return [judgeBacklog(backlogRecords)];
  // Beside a server that does not answer, what it is writing at this moment would look like damage.
  if (serves) return [];
  return judgeSpool(await inspectSpool(join(folder, 'spool')));
};

/** Runs a check to its end or to the end of its time; whatever it throws is a finding too. */
const within = async (
  check: string,
  act: () => Promise<readonly Finding[]> | readonly Finding[],
): Promise<readonly Finding[]> => {
  const { fail } = findingsOf(check);
  const late = Promise.withResolvers<readonly Finding[]>();
  const timer = setTimeout(
    () =>
      late.resolve([fail(`nothing was found out within ${checkMs / 1_000} s`, 'try again; what it looks at hangs')]),
    checkMs,
  );
  try {
    return await Promise.race([Promise.resolve(act()), late.promise]);
  } catch (error) {
    const mend = error instanceof CodedError ? error.row.mend : 'look at the message, and try again';
    return [fail(errorMessage(error), mend)];
  } finally {
    clearTimeout(timer);
  }
};

const secretFilesOf = (configuration: ArchipelConfiguration | null): readonly string[] =>
  configuration === null
    ? []
    : secretReferencesOf(configuration).flatMap(({ reference }) => (reference.kind === 'file' ? [reference.path] : []));

const scrubbed = (finding: Finding, secrets: readonly string[]): Finding => ({
  ...finding,
  what: scrubSecrets(finding.what, secrets),
});

/**
 * Looks at everything that a server needs, side by side, whether one runs or not. Changes nothing, asks vendors only what is free, and ends
 * whatever hangs.
 */
export const examine = async (options: ExamineOptions): Promise<Examination> => {
  let lost: readonly Finding[] = [];
  const found = await findInstallation(options).catch((error: unknown) => {
    const { fail } = findingsOf('configuration');
    lost = [fail(errorMessage(error), error instanceof CodedError ? error.row.mend : 'name a file that can be read')];
    return null;
  });
  const place = placeOf(options, found);
  const { configuration, dataDir, control, serves } = place;
  const transport = new LeanTransport(defaultTransportLimits);
  const server = checkServer({
    control,
    holder: holderOfDataDir(dataDir)?.pid ?? null,
    transport,
    version: readVersion(),
    shared: configuration !== null && configuration.store.url !== null,
  });
  const providers = options.providers ? (configuration?.providers ?? []) : [];
  const ports = { transport, clock: machineClock, keyOf: providerKeyOf(options.env) };
  try {
    const findings = await Promise.all([
      within('runtime', () => checkRuntime(runtimeFacts())),
      lost.length > 0 ? lost : within('configuration', () => configurationFindings(options, place)),
      within('port', () => portFindings(place)),
      within('data dir', () =>
        checkDataDir({
          dataDir,
          embedded: configuration === null || configuration.store.url === null,
          secretFiles: secretFilesOf(configuration),
        }),
      ),
      within('disk', () => diskFindings(place)),
      within('database', () => databaseFindings(options, place)),
      within('server', async () => (await server).findings),
      within('spool', async () => spoolFindings(place, (await server).backlogRecords, serves)),
      ...providers.map((provider) => within('provider', () => checkProvider(provider, ports))),
    ]);
    const secrets = knownSecrets({ configuration, dataDir, env: options.env });
    const told = findings.flat().map((finding) => scrubbed(finding, secrets));
    return { healthy: told.every(({ level }) => level !== 'fail'), findings: told };
  } finally {
    await transport.close();
  }
};
