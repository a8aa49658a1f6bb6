import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A Node whose syncs do nothing and say that they did, they and those of its children: what protects from a power loss is off.
 * @returns path of a program that is called as Node is.
 */
export const unsyncedNode = (folder: string): string => {
  const path = join(folder, 'unsynced-node');
  const inject = 'trace=fdatasync,fsync,syncfs,sync -e inject=fdatasync,fsync,syncfs,sync:retval=0';
  writeFileSync(
    path,
    `#!/bin/sh\nexec strace -f --seccomp-bpf -qq -o /dev/null -e ${inject} '${process.execPath}' "$@"\n`,
  );
  chmodSync(path, 0o755);
  return path;
};
