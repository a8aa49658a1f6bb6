import { readFileSync } from 'node:fs';
import { resolveSecret } from '../config/index.ts';
import type { Secret } from '../kernel/index.ts';
import type { Surroundings } from './chooseConfiguration.ts';
import { appError } from './errors.ts';
import type { Installation } from './findInstallation.ts';

/** The secret behind `store.url`; null where the database is the embedded one. @throws CodedError configuration_faulty */
export const databaseUrlOf = (
  { configuration }: Pick<Installation, 'configuration'>,
  env: Surroundings['env'],
): Secret | null => {
  const reference = configuration?.store.url ?? null;
  if (reference === null) return null;
  const secret = resolveSecret(reference, { env, readFile: (path) => readFileSync(path, 'utf8') });
  if (!secret.ok) throw appError('configuration_faulty', `store.url: ${secret.fault}`);
  return secret.value;
};
