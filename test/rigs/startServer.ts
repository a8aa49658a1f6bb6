import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const repository = join(import.meta.dirname, '../..');

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
export interface Server {
  readonly url: string;
  readonly adminUrl: string;
  readonly key: string | null;
  readonly adminKey: string;
  readonly dataDir: string;
  readonly pid: number;
  /** Where its configuration file lies; null for the sandbox. */
  readonly configurationPath: string | null;
  /** All that it wrote to stderr so far. */
  stderr(): string;
  /** All that it wrote to stdout so far. */
  stdout(): string;
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
  options: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Ended> => {
  const child = spawn(process.execPath, [join(repository, 'src/cli/main.ts'), ...args], {
    cwd: options.cwd ?? repository,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
};

/** Starts the program on free ports and resolves once it serves. @throws Error with its stderr when it ends instead. */
export const startServer = async (options: ServerOptions = {}): Promise<Server> => {
  const folder = options.dataDir ?? temporaryFolder();
  const configurationPath = options.configuration === undefined ? null : `${folder}.yaml`;
  if (configurationPath !== null) writeFileSync(configurationPath, options.configuration ?? '');
  const args = ['up', '--json', '--port', '0', '--admin-port', '0', '--data-dir', folder, ...(options.arguments ?? [])];
  if (configurationPath !== null) args.push('--config', configurationPath);
  const child = spawn(options.node ?? process.execPath, [join(repository, 'src/cli/main.ts'), ...args], {
    cwd: folder,
    env: { ...process.env, ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const line = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (bytes: Buffer) => {
      stdout += bytes.toString();
      const ready = stdout.split('\n').find((text) => text.startsWith('{'));
      if (ready !== undefined && stdout.includes('\n')) resolve(ready);
    });
    child.once('exit', (code) => reject(new Error(`archipel up ended with ${code}:\n${stderr}`)));
  });
  const announced: Omit<Server, 'stderr' | 'stdout' | 'stop' | 'kill' | 'configurationPath'> = JSON.parse(line);
  // A number is free for others once its process has ended: then nobody is signalled.
  const signalled = (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(announced.pid, signal);
    return exited(child);
  };
  return {
    ...announced,
    configurationPath,
    stderr: () => stderr,
    stdout: () => stdout,
    stop: () => signalled('SIGTERM'),
    kill: async () => {
      await signalled('SIGKILL');
    },
  };
};
