import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

export interface ProcessOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdio: StdioOptions;
  /** How long it may take to end after SIGTERM; then it is killed. Milliseconds. */
  readonly graceMs: number;
}

const readyMsMax = 30_000;
const lookMs = 20;

/** A process of the bench's own. */
export interface OwnProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Rejects when it ends before its scope does. */
  readonly ended: Promise<never>;
  /** Ends it: SIGTERM, and after its grace SIGKILL. Its scope does the same. */
  readonly stop: () => Promise<void>;
}

/** Starts a process that ends with its scope. @throws Error when it cannot be started, or the scope is over. */
export const startProcess = async (
  scope: AsyncDisposableStack,
  command: string,
  args: readonly string[],
  options: ProcessOptions,
): Promise<OwnProcess> => {
  if (scope.disposed) throw new Error(`nothing is started any more, ${command} neither`);
  const { cwd, stdio, env, graceMs } = options;
  const child = spawn(command, [...args], { cwd, stdio, env: { ...process.env, ...env } });
  const exit = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let stopped: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGTERM');
    const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exit;
    clearTimeout(kill);
  };
  const stop = (): Promise<void> => (stopped ??= end());
  // Before anything is waited for: whatever happens meanwhile, the process has an owner.
  scope.defer(stop);
  const ended = exit.then(() => {
    if (stopped) return new Promise<never>(() => {});
    throw new Error(`${command} ${args.join(' ')} ended with ${child.exitCode ?? child.signalCode}`);
  });
  // Whoever waits for it learns of its end; where nobody does, its silence shows.
  ended.catch(() => {});
  await once(child, 'spawn');
  return { child, pid: child.pid ?? 0, ended, stop };
};

/** A port of loopback that nobody listens on now. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
};

const accepts = async (port: number): Promise<boolean> => {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** Waits until a process accepts connections. @throws Error when it ends or takes too long. */
export const untilListening = async (port: number, started: OwnProcess): Promise<void> => {
  const beganMs = performance.now();
  while (!(await accepts(port))) {
    if (performance.now() - beganMs > readyMsMax) throw new Error(`nobody listens on port ${port}`);
    await Promise.race([pause(lookMs), started.ended]);
  }
};
