import { Secret, failure, success } from '../kernel/index.ts';
import type { Result, SecretReference } from '../kernel/index.ts';
import { configurationLimits } from './limits.ts';

/** Where secrets are read from. Passed in, so that tests and `check` decide what there is. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Text of a file. May throw; only the error's code is told. */
  readonly readFile: (path: string) => string;
}

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unreadable';

const readReference = (reference: SecretReference, sources: SecretSources): Result<string, string> => {
  if (reference.kind === 'env') {
    const value = Object.hasOwn(sources.env, reference.name) ? sources.env[reference.name] : undefined;
    return value === undefined ? failure(`the environment variable ${reference.name} is not set`) : success(value);
  }
  try {
    return success(sources.readFile(reference.path));
  } catch (error) {
    return failure(`the file ${reference.path} cannot be read (${codeOf(error)})`);
  }
};

const placeOf = (reference: SecretReference): string =>
  reference.kind === 'env' ? `the environment variable ${reference.name}` : `the file ${reference.path}`;

/** A document of JSON, such as the key of a service account, is issued in several lines, which mean nothing. */
const onOneLine = (text: string): string => {
  if (!text.startsWith('{')) return text;
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text;
  }
};

/**
 * Reads a secret. Blanks and line ends around it are dropped, as files end in one, and those within a document of JSON. An empty secret is refused: it would pass as one.
 * The fault names the place and never the value.
 */
export const resolveSecret = (reference: SecretReference, sources: SecretSources): Result<Secret, string> => {
  const read = readReference(reference, sources);
  if (!read.ok) return read;
  const value = onOneLine(read.value.trim());
  if (value === '') return failure(`${placeOf(reference)} is empty`);
  if (value.length > configurationLimits.secretCharacters)
    return failure(`${placeOf(reference)} is too long for a secret`);
  // Secrets travel in headers and URLs, where a line end would begin another header.
  if (/[\u0000-\u001f\u007f]/.test(value)) return failure(`${placeOf(reference)} holds control characters`);
  return success(new Secret(value));
};
