import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new temporary folder that every user can enter, as the embedded database needs; it goes with its scope. */
export const ownFolder = (scope: AsyncDisposableStack): string => {
  const folder = mkdtempSync(join(tmpdir(), 'archipel-bench-'));
  chmodSync(folder, 0o755);
  scope.defer(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};
