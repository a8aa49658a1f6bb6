import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { failure, success } from '../../kernel/index.ts';
import type { CodedError, Result } from '../../kernel/index.ts';
import { storeError } from '../errors.ts';
import { identityLives, identityOf } from './processIdentity.ts';
import type { ProcessIdentity } from './processIdentity.ts';

/** A lock that this process holds. */
export interface HeldLock {
  readonly path: string;
  /** Lets it go. Safe to call twice. */
  release(): void;
}

const triesMax = 10;

const read = (path: string): string | null => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
};

const holderOf = (text: string): ProcessIdentity | null => {
  try {
    const { pid, started } = JSON.parse(text) as Record<string, unknown>;
    if (!Number.isSafeInteger(pid)) return null;
    return { pid: Number(pid), started: typeof started === 'string' ? started : null };
  } catch {
    return null;
  }
};

const lives = (text: string): boolean => {
  const holder = holderOf(text);
  return holder !== null && identityLives(holder);
};

/** Gives a file a second name, which must be free: the one step that only one of several processes can take. */
const claim = (draft: string, path: string): boolean => {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
};

/**
 * Takes over a dead holder's lock. Only one process can claim the right to replace this very holder; it looks again, under that right,
 * whether the lock is still the dead one's, so that a lock taken meanwhile is never overwritten.
 */
const takeOver = (draft: string, path: string, stale: string): boolean => {
  const right = `${path}.after-${createHash('sha256').update(stale).digest('hex').slice(0, 16)}`;
  if (!claim(draft, right)) {
    const claimant = read(right);
    if (claimant !== null && !lives(claimant)) rmSync(right, { force: true });
    return false;
  }
  try {
    if (read(path) !== stale) return false;
    renameSync(draft, path);
    return true;
  } finally {
    rmSync(right, { force: true });
  }
};

/**
 * Takes a lock file for this process, or says which process holds it. A lock whose process is gone, or whose process number belongs
 * to a later process, is taken over.
 * @param place what the lock protects, for the message.
 */
export const takeLock = (path: string, place: string): Result<HeldLock, CodedError> => {
  const nonce = crypto.randomUUID();
  const draft = `${path}.${nonce}`;
  const mine = JSON.stringify({ ...identityOf(process.pid), nonce });
  writeFileSync(draft, mine, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < triesMax; attempt++) {
      if (claim(draft, path)) return success(heldLock(path, mine));
      const there = read(path);
      if (there === null) continue;
      if (lives(there)) return failure(live(place, path, there));
      if (takeOver(draft, path, there)) return success(heldLock(path, mine));
    }
    return failure(live(place, path, read(path) ?? ''));
  } finally {
    rmSync(draft, { force: true });
  }
};

const heldLock = (path: string, mine: string): HeldLock => ({
  path,
  release() {
    if (read(path) === mine) rmSync(path, { force: true });
  },
});

const live = (place: string, path: string, text: string): CodedError => {
  const pid = holderOf(text)?.pid;
  return storeError(
    'data_dir_live',
    `${place} is in use by process ${pid ?? 'unknown'} (lock ${path}). Stop it first (kill -TERM ${pid ?? '<pid>'} drains it), ` +
      'or give this one another data dir.',
  );
};

/** The living process that holds a lock file; null where none does. */
export const lockHolder = (path: string): ProcessIdentity | null => {
  const text = read(path);
  return text !== null && lives(text) ? holderOf(text) : null;
};
