import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resolveSecret } from '../config/index.ts';
import type { Secret, SecretReference } from '../kernel/index.ts';
import type { Surroundings } from './chooseConfiguration.ts';
import { readControlFileIn } from './controlFile.ts';
import type { ArchipelConfiguration } from './configurationSchema.ts';
import { secretReferencesOf } from './loadConfiguration.ts';

/** Reads one secret of a configuration; a fault names its place. */
export const readSecret = (reference: SecretReference, env: Surroundings['env']): ReturnType<typeof resolveSecret> =>
  resolveSecret(reference, { env, readFile: (path) => readFileSync(path, 'utf8') });

/** The password inside a URL, as it is written there and as it is meant. */
const passwordsIn = (text: string): readonly string[] => {
  const password = /^[a-z]+:\/\/[^/]*?:(.*)@[^@]*$/i.exec(text)?.[1];
  if (password === undefined) return [];
  try {
    return [password, decodeURIComponent(password)];
  } catch {
    return [password];
  }
};

/** The part of a document of JSON that is the secret in it: what signs. */
const privateKeyIn = (text: string): readonly string[] => {
  if (!text.startsWith('{')) return [];
  try {
    const document: unknown = JSON.parse(text);
    if (typeof document !== 'object' || document === null || !('private_key' in document)) return [];
    return typeof document.private_key === 'string' ? [document.private_key] : [];
  } catch {
    return [];
  }
};

const embeddedPassword = (folder: string): readonly string[] => {
  try {
    const kept: unknown = JSON.parse(readFileSync(join(folder, 'postgres/postgres.json'), 'utf8'));
    if (typeof kept !== 'object' || kept === null || !('password' in kept)) return [];
    return typeof kept.password === 'string' ? [kept.password] : [];
  } catch {
    return [];
  }
};

/** What an environment calls a secret. A short value would be found everywhere. */
const secretName = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL/i;
const environmentCharactersMin = 12;

const fromEnvironment = (env: Surroundings['env']): readonly string[] =>
  Object.entries(env).flatMap(([name, value]) =>
    secretName.test(name) && value !== undefined && value.length >= environmentCharactersMin ? [value] : [],
  );

/** Every secret that can be found here, so that none of them is told by mistake. */
export const knownSecrets = (found: {
  readonly configuration: ArchipelConfiguration | null;
  readonly dataDir: string;
  readonly env: Surroundings['env'];
}): readonly string[] => {
  const { configuration, dataDir, env } = found;
  const references = configuration === null ? [] : secretReferencesOf(configuration);
  const written = references.flatMap(({ reference }): readonly string[] => {
    const secret = readSecret(reference, env);
    if (!secret.ok) return [];
    const text = secret.value.reveal();
    return [text, ...passwordsIn(text), ...privateKeyIn(text)];
  });
  const control = readControlFileIn(dataDir);
  return [
    ...written,
    ...(control === null ? [] : [control.adminKey]),
    ...fromEnvironment(env),
    ...[dataDir, join(dataDir, 'sandbox')].flatMap(embeddedPassword),
  ];
};

/** The key of a provider; null where it has none, or it cannot be read. */
export const providerKeyOf =
  (env: Surroundings['env']) =>
  ({ credentials }: ArchipelConfiguration['providers'][number]): Secret | null => {
    if (credentials.apiKey === undefined) return null;
    const secret = readSecret(credentials.apiKey, env);
    return secret.ok ? secret.value : null;
  };
