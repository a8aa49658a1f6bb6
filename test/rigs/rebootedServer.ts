import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Server } from './startServer.ts';
import { untilAnnounced } from './untilAnnounced.ts';

const main = join(import.meta.dirname, '../../src/cli/main.ts');

/** Boot of a machine that never was. */
const otherBoot = '11111111-2222-4333-8444-555555555555\n';

/**
 * The real program on a data dir that a power loss left, as on the machine that started again: another boot, and none of the processes of before.
 * @param scratch Folder for files of this rig. @throws Error with its stderr when it ends instead of serving.
 */
export const rebootedServer = async (options: {
  readonly dataDir: string;
  readonly scratch: string;
  readonly configuration: string;
  readonly env: Readonly<Record<string, string>>;
}): Promise<Server> => {
  const boot = join(options.scratch, 'boot_id');
  const configurationPath = join(options.scratch, 'archipel.yaml');
  writeFileSync(boot, otherBoot);
  writeFileSync(configurationPath, options.configuration);
  const apart = ['--mount', '--ipc', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const reboot = ['sh', '-c', 'mount --bind "$0" /proc/sys/kernel/random/boot_id && exec "$@"', boot];
  const up = ['up', '--json', '--port', '0', '--admin-port', '0', '--data-dir', options.dataDir];
  const program = [process.execPath, main, ...up, '--config', configurationPath];
  const child = spawn('unshare', [...apart, ...reboot, ...program], {
    cwd: options.scratch,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  const announced = await untilAnnounced(child);
  const kill = async (): Promise<void> => {
    // Its processes, the database's too, are of a namespace that ends with the first of them.
    child.kill('SIGKILL');
    await gone;
  };
  return {
    ...announced,
    pid: child.pid ?? 0,
    configurationPath,
    kill,
    stop: async () => {
      await kill();
      return null;
    },
  };
};
