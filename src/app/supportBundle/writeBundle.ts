import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { release, totalmem, availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { errorMessage } from '../../kernel/index.ts';
import { formatFault } from '../../config/index.ts';
import { defaultTransportLimits, LeanTransport } from '../../egress/index.ts';
import { holderOfDataDir, loadBackups, segmentHeads } from '../../store/index.ts';
import { maskSecrets } from '../../telemetry/index.ts';
import type { Surroundings } from '../chooseConfiguration.ts';
import { isRunning, readControlFileIn, writtenPlace, type ControlFile } from '../controlFile.ts';
import { askControl } from '../doctor/checkServer.ts';
import { examine } from '../doctor/examine.ts';
import { findInstallation, folderOf, type Installation } from '../findInstallation.ts';
import { knownSecrets } from '../knownSecrets.ts';
import { machineClock } from '../machine.ts';
import { readVersion } from '../readVersion.ts';
import { scrubSecrets } from '../scrubSecrets.ts';
import { isOwnLine, lastLines, plainPostgresLine } from './logLines.ts';
import { plainConfiguration } from './plainConfiguration.ts';

export interface BundleOptions extends Surroundings {
  /** File to write. */
  readonly target: string;
  /** Where the server's log was sent to; null where nobody says. */
  readonly log: string | null;
  /** Whether providers are asked. */
  readonly providers: boolean;
}

/** What a bundle holds. */
export interface BundleSummary {
  readonly path: string;
  readonly bytes: number;
  readonly files: readonly string[];
}

interface Found {
  readonly options: BundleOptions;
  readonly installation: Installation | null;
  /** What keeps the configuration from being used. */
  readonly faults: readonly string[];
  readonly dataDir: string;
  readonly folder: string;
  readonly control: ControlFile | null;
}

/** A file of a bundle before anything is taken out of it; null where there is nothing to say. */
type Page = readonly [name: string, text: string | null];

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

const find = async (options: BundleOptions): Promise<Found> => {
  let installation: Installation | null = null;
  let faults: readonly string[] = [];
  try {
    const found = await findInstallation(options);
    if (found.ok) installation = found.value;
    else faults = found.fault.map(formatFault);
  } catch (error) {
    faults = [errorMessage(error)];
  }
  const dataDir = installation?.dataDir ?? placeDespite(options);
  const folder = installation?.folder ?? folderOf(dataDir, false);
  return { options, installation, faults, dataDir, folder, control: readControlFileIn(dataDir) };
};

const placeDespite = (options: BundleOptions): string => {
  try {
    return writtenPlace(options);
  } catch {
    return resolve(options.cwd, options.dataDir ?? 'data');
  }
};

const aboutPage = ({ options, control, dataDir }: Found): Page => [
  'about.json',
  json({
    version: readVersion(),
    madeAt: new Date(machineClock.nowMs()).toISOString(),
    node: process.version,
    platform: `${process.platform} ${process.arch} ${release()}`,
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    server: { pid: control?.pid ?? null, url: control?.url ?? null, holder: holderOfDataDir(dataDir)?.pid ?? null },
    // Names alone: what they are set to is nobody's business.
    variables: Object.keys(options.env)
      .filter((name) => /^(ARCHIPEL|NODE)_/.test(name))
      .toSorted(),
  }),
];

const configurationPage = ({ installation, faults }: Found): Page => {
  const configuration = installation?.configuration ?? null;
  return [
    'configuration.json',
    json({
      source: installation?.source ?? null,
      faults,
      configuration: configuration === null ? null : plainConfiguration(configuration),
    }),
  ];
};

const serverPages = async ({ control }: Found): Promise<readonly Page[]> => {
  if (control === null || !isRunning(control)) return [];
  const transport = new LeanTransport(defaultTransportLimits);
  const asked = [
    ['readiness.json', '/readyz'],
    ['status.json', '/admin/v1/status'],
    ['metrics.txt', '/metrics'],
  ] as const;
  try {
    return await Promise.all(
      asked.map(async ([name, path]): Promise<Page> => {
        const answer = await askControl(transport, control, path);
        return [name, typeof answer === 'string' ? `no answer: ${answer}\n` : answer.body.toString()];
      }),
    );
  } finally {
    await transport.close();
  }
};

interface Size {
  files: number;
  bytes: number;
}

/** Files that are counted at most: a store of checkpoints may have very many. */
const countedMax = 200_000;

const sizeOf = (folder: string, size: Size = { files: 0, bytes: 0 }): Size => {
  try {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (size.files >= countedMax) break;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) sizeOf(path, size);
      else {
        size.files += 1;
        size.bytes += statSync(path, { throwIfNoEntry: false })?.size ?? 0;
      }
    }
  } catch {
    // A folder of somebody else's, or gone since it was listed.
  }
  return size;
};

const sizesPage = ({ folder }: Found): Page => [
  'sizes.json',
  json(
    Object.fromEntries(['spool', 'postgres', 'jobs', 'responses'].map((name) => [name, sizeOf(join(folder, name))])),
  ),
];

const spoolPage = async ({ folder }: Found): Promise<Page> => {
  const directory = join(folder, 'spool');
  const checkpoint = await readFile(join(directory, 'checkpoint.json'), 'utf8').catch(() => null);
  const segments = await segmentHeads(directory).catch((error: unknown) => String(error));
  return ['spool.json', json({ checkpoint, segments })];
};

const serverLogPage = async ({ options }: Found): Promise<Page> => {
  if (options.log === null) return ['server.log', null];
  const lines = await lastLines(resolve(options.cwd, options.log));
  if (lines === null) return ['server.log', `${options.log} cannot be read\n`];
  const own = lines.filter(isOwnLine);
  const left = lines.length - own.length;
  return [
    'server.log',
    [...own, ...(left > 0 ? [`(${left} lines left out that are not JSON of ours)`] : []), ''].join('\n'),
  ];
};

const postgresLogPages = async ({ folder }: Found): Promise<readonly Page[]> => {
  const logs = join(folder, 'postgres', 'postgres', 'log');
  const names = ((): readonly string[] => {
    try {
      return readdirSync(logs).filter((name) => /^postgresql-\w+\.log$/.test(name));
    } catch {
      return [];
    }
  })();
  return Promise.all(
    names.map(async (name): Promise<Page> => {
      const lines = (await lastLines(join(logs, name))) ?? [];
      const plain = lines.map(plainPostgresLine).filter((line) => line !== null);
      return [`postgres/${name}`, [...plain, ''].join('\n')];
    }),
  );
};

/**
 * Gathers what helps others to help: versions, the configuration without secrets, the doctor's findings, readiness, metrics, sizes, heads of the
 * spool and ends of logs. No prompt, no record, no secret: what is known to be one is searched for in every page before it is written.
 * @throws CodedError archive_exists
 */
export const writeBundle = async (options: BundleOptions): Promise<BundleSummary> => {
  const path = resolve(options.cwd, options.target);
  const { ArchiveWriter } = await loadBackups();
  const writer = await ArchiveWriter.create(path, machineClock.nowMs());
  try {
    const found = await find(options);
    const [doctor, server, spool, serverLog, postgresLogs] = await Promise.all([
      examine(options),
      serverPages(found),
      spoolPage(found),
      serverLogPage(found),
      postgresLogPages(found),
    ]);
    const pages: readonly Page[] = [
      aboutPage(found),
      configurationPage(found),
      ['doctor.json', json(doctor)],
      ...server,
      sizesPage(found),
      spool,
      serverLog,
      ...postgresLogs,
    ];
    const { dataDir, installation } = found;
    const secrets = knownSecrets({ configuration: installation?.configuration ?? null, dataDir, env: options.env });
    for (const [name, text] of pages) {
      if (text !== null) await writer.add(name, maskSecrets(scrubSecrets(text, secrets)));
    }
    const files = writer.files.map((file) => file.name);
    return { path, bytes: await writer.finish(), files };
  } catch (error) {
    await writer.abandon();
    throw error;
  }
};
