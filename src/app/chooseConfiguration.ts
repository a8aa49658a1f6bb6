import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { appError } from './errors.ts';

/** Where the configuration comes from. */
export type ConfigurationSource = { readonly kind: 'file'; readonly path: string } | { readonly kind: 'sandbox' };

/** What a start is told, and where it stands. */
export interface Surroundings {
  /** `--config`, where given. */
  readonly config: string | undefined;
  /** `--data-dir`, where given. */
  readonly dataDir: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Says something to the person who starts the program; not part of any answer. */
  readonly tell: (text: string) => void;
}

/** Written once a real configuration ran in a data dir: from then on nobody lands in the sandbox by mistake. */
const configuredMark = 'configured';

/** Whether a data dir ever ran a real configuration. */
export const wasConfigured = (dataDir: string): boolean => existsSync(join(dataDir, configuredMark));

/** The file that marks a data dir as having run a real configuration. */
export const configuredMarkPath = (dataDir: string): string => join(dataDir, configuredMark);

/**
 * The named file; else the one in the environment; else `archipel.yaml` beside; else null.
 * @throws CodedError `configuration_missing` when a named file is not there.
 */
export const findConfigurationFile = ({
  config,
  env,
  cwd,
}: Pick<Surroundings, 'config' | 'env' | 'cwd'>): string | null => {
  const named = config ?? env['ARCHIPEL_CONFIG'];
  if (named !== undefined && named !== '') {
    const path = resolve(cwd, named);
    if (!existsSync(path)) throw appError('configuration_missing', `There is no configuration file ${path}.`);
    return path;
  }
  const beside = resolve(cwd, 'archipel.yaml');
  return existsSync(beside) ? beside : null;
};

/**
 * The configuration file, or the sandbox where there is none.
 * @throws CodedError `configuration_missing` when a named file is not there, or the sandbox would stand in for a configuration that was lost.
 */
export const chooseConfiguration = (where: Surroundings): ConfigurationSource => {
  const path = findConfigurationFile(where);
  if (path !== null) return { kind: 'file', path };
  const { env, cwd, dataDir } = where;
  if (env['ARCHIPEL_DATABASE_URL']) {
    throw appError('configuration_missing', 'ARCHIPEL_DATABASE_URL is set, but no configuration file was found.');
  }
  const folder = resolve(cwd, dataDir ?? 'data');
  if (wasConfigured(folder)) {
    throw appError(
      'configuration_missing',
      `The data dir ${folder} ran a configuration before, but no file was found now.`,
    );
  }
  return { kind: 'sandbox' };
};
