import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The version of this program, from its package. */
export const readVersion = (): string => {
  const parsed: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'));
  if (typeof parsed === 'object' && parsed !== null && 'version' in parsed && typeof parsed.version === 'string') {
    return parsed.version;
  }
  throw new Error('package.json names a version');
};
