import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readStartScript } from './readStartScript.ts';
import { canaryOf } from './canaries/canaryOf.ts';
import { noteSecret, OutputKeeper } from './canaries/OutputKeeper.ts';
import { untilAnnounced, type Announced } from './untilAnnounced.ts';

const repository = join(import.meta.dirname, '../..');

const start = readStartScript();

/** What `npm run archipel` sets as well: a program that was compiled once starts in half the time. */
const compiled = { NODE_COMPILE_CACHE: start.env['NODE_COMPILE_CACHE'] };

export interface ServerOptions {
  /** Text of archipel.yaml; absent: the sandbox. */
  readonly configuration?: string;
  /** A data dir of an earlier server; absent: a new one under the system's temporary folder. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly arguments?: readonly string[];
  /** The Node that runs it; absent: the one that runs the test. */
  readonly node?: string;
}

/** The real program in a process of its own, started as a user would. */
export interface Server extends Announced {
  /** Where its configuration file lies; null for the sandbox. */
  readonly configurationPath: string | null;
  /** SIGTERM, and waits. @returns its exit code */
  stop(): Promise<number | null>;
  /** kill -9, and waits. */
  kill(): Promise<void>;
}

/** A folder that every user of the machine can enter, as the embedded database needs when tests run as root. */
export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'archipel-'));
  chmodSync(folder, 0o755);
  return folder;
};

export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

/** Secrets that lie about in the environment of whoever starts a program: none of them is asked for. */
const foundSecrets = (): Record<string, string> => ({
  AWS_SECRET_ACCESS_KEY: canaryOf('environment, cloud'),
  GITHUB_TOKEN: canaryOf('environment, forge'),
});

/** Notes the keys that a program makes and says once. */
const noteMadeKeys = (text: string): void => {
  for (const [key] of text.matchAll(/\bsk-archipel-[0-9A-Za-z]{20,}/g)) noteSecret('made key', key);
};

const exited = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode);
    else child.once('exit', (code) => resolve(code));
  });

/** What a run of the program printed, where it is expected to end by itself. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command line to its end. */
export const runArchipel = async (
  args: readonly string[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly cwd?: string;
    /** kill -9 after so long. */
    readonly killAfterMs?: number;
  } = {},
): Promise<Ended> => {
  const child = spawn(process.execPath, [join(repository, 'src/cli/main.ts'), ...args], {
    cwd: options.cwd ?? repository,
    env: { ...process.env, ...compiled, ...foundSecrets(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const { killAfterMs } = options;
  const killing = killAfterMs === undefined ? undefined : setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  clearTimeout(killing);
  const keeper = new OutputKeeper(`command ${args.slice(0, 2).join(' ')}`);
  keeper.keep('stdout', stdout);
  keeper.keep('stderr', stderr);
  noteMadeKeys(stdout);
  return { code, stdout, stderr };
};

/** Starts the program on free ports and resolves once it serves. @throws Error with its stderr when it ends instead. */
export const startServer = async (options: ServerOptions = {}): Promise<Server> => {
  const folder = options.dataDir ?? temporaryFolder();
  const configurationPath = options.configuration === undefined ? null : `${folder}.yaml`;
  if (configurationPath !== null) writeFileSync(configurationPath, options.configuration ?? '');
  const args = ['up', '--json', '--port', '0', '--admin-port', '0', '--data-dir', folder, ...(options.arguments ?? [])];
  if (configurationPath !== null) args.push('--config', configurationPath);
  // Flags are for the Node that the program brings.
  const flags = options.node === undefined ? start.flags : [];
  const child = spawn(options.node ?? process.execPath, [...flags, join(repository, 'src/cli/main.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, ...start.env, ...foundSecrets(), ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const announced = await untilAnnounced(child);
  // A number is free for others once its process has ended: then nobody is signalled.
  const signalled = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(announced.pid, signal);
    return exited(child);
  };
  return {
    ...announced,
    configurationPath,
    stop: () => signalled('SIGTERM'),
    kill: async () => {
      await signalled('SIGKILL');
    },
  };
};
