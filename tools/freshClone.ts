// `node tools/freshClone.ts`: what a stranger does first. Clones the repository, installs it, starts it, asks it one thing, stops it.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';

const installMsMax = 300_000;
const readyMsMax = 60_000;
const answerMsMax = 30_000;
const stopMsMax = 30_000;

/** The line of `archipel up --json` once it is ready. */
const readySchema = z.object({
  url: z.url(),
  adminUrl: z.url(),
  key: z.string().min(1),
  adminKey: z.string().min(1),
  dataDir: z.string().min(1),
  pid: z.int().positive(),
  version: z.string().min(1),
});

type Ready = z.infer<typeof readySchema>;

/**
 * The environment of a shell that has never seen this checkout: no npm_* of an outer npm run, none of our variables, and no
 * node_modules/.bin in PATH, so that the Node of the machine starts the installation.
 */
export const strangerEnvironment = (env: NodeJS.ProcessEnv): NodeJS.ProcessEnv => {
  const kept = Object.entries(env).filter(([name]) => !/^(npm_|archipel_|vitest|node_options|node_env)/i.test(name));
  const path = (env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(kept), PATH: path.join(delimiter) };
};

/** Waits, but not for ever. @throws Error naming what did not happen. */
const within = async <Value>(waited: Promise<Value>, limitMs: number, what: string): Promise<Value> => {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`${what} took more than ${limitMs / 1000} s`)), limitMs);
  try {
    return await Promise.race([waited, promise]);
  } finally {
    clearTimeout(timer);
  }
};

interface Program {
  readonly child: ChildProcess;
  /** Lines of stdout so far. */
  readonly printed: readonly string[];
  /** The first line that begins with "{". */
  readonly readyLine: Promise<string>;
  readonly exit: Promise<number | null>;
}

const startProgram = (clone: string, dataDir: string, env: NodeJS.ProcessEnv): Program => {
  const args = ['start', '--silent', '--', '--json', '--port', '0', '--admin-port', '0', '--data-dir', dataDir];
  // Its own process group, so that a failed trial can be ended whole.
  const child = spawn('npm', args, { cwd: clone, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: string[] = [];
  const ready = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    printed.push(line);
    if (line.startsWith('{')) ready.resolve(line);
  });
  const exit = once(child, 'close').then(([code]): number | null => (typeof code === 'number' ? code : null));
  const ended = exit.then((code): never => {
    throw new Error(`npm start ended with code ${code} before it was ready`);
  });
  return { child, printed, readyLine: Promise.race([ready.promise, ended]), exit };
};

const askOnce = async (ready: Ready): Promise<void> => {
  const signal = AbortSignal.timeout(answerMsMax);
  const health = await fetch(new URL('/readyz', ready.adminUrl), { signal });
  if (health.status !== 200) throw new Error(`/readyz answered ${health.status}`);
  const answer = await fetch(new URL('/v1/chat/completions', ready.url), {
    method: 'POST',
    signal,
    headers: { authorization: `Bearer ${ready.key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'chat-large', messages: [{ role: 'user', content: 'Which island is nearest?' }] }),
  });
  const body = await answer.text();
  if (answer.status !== 200) throw new Error(`/v1/chat/completions answered ${answer.status}: ${body.slice(0, 500)}`);
};

const stop = async (program: Program, ready: Ready): Promise<void> => {
  process.kill(ready.pid, 'SIGTERM');
  const code = await within(program.exit, stopMsMax, 'stopping on SIGTERM');
  if (code !== 0) throw new Error(`it ended with code ${code} on SIGTERM, not 0`);
  const others = program.printed.filter((line) => line.trim() !== '' && !line.startsWith('{'));
  if (others.length > 0) throw new Error(`stdout held more than the JSON line: ${others[0]}`);
};

/** Ends what a failed trial left: its process group, and a database that outlived it. */
const sweep = (program: Program, dataDir: string): void => {
  const pids = globSync('**/postmaster.pid', { cwd: dataDir }).map((path) =>
    Number(readFileSync(join(dataDir, path), 'utf8').split('\n')[0]),
  );
  for (const pid of [-(program.child.pid ?? 0), ...pids])
    try {
      if (pid !== 0) process.kill(pid, 'SIGKILL');
    } catch {
      // It has gone by itself: that is what was wanted.
    }
};

const tryOut = async (clone: string, dataDir: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const program = startProgram(clone, dataDir, env);
  try {
    const ready = readySchema.parse(JSON.parse(await within(program.readyLine, readyMsMax, 'becoming ready')));
    await askOnce(ready);
    await stop(program, ready);
  } finally {
    program.exit.catch(() => {});
    sweep(program, dataDir);
  }
};

/**
 * Clones, installs, starts, asks and stops, in a temporary folder that is gone afterwards.
 * @throws Error that says which step went wrong.
 */
export const freshClone = async (root: string, env: NodeJS.ProcessEnv): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), 'archipel-clone-'));
  // As root the embedded database runs under another user, who must be able to reach its files.
  chmodSync(folder, 0o755);
  const clone = join(folder, 'clone');
  const run = (cwd: string, command: string, ...args: string[]): string =>
    execFileSync(command, args, {
      cwd,
      env,
      encoding: 'utf8',
      timeout: installMsMax,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
  try {
    run(folder, 'git', 'clone', '--quiet', root, clone);
    run(clone, 'npm', 'ci', '--ignore-scripts');
    await tryOut(clone, join(folder, 'data'), env);
    const changed = run(clone, 'git', 'status', '--porcelain');
    if (changed !== '') throw new Error(`the clone was changed by using it:\n${changed}`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
};

if (import.meta.main) {
  try {
    await freshClone(resolve(import.meta.dirname, '..'), strangerEnvironment(process.env));
    console.log('fresh clone: installed, started, answered, stopped');
  } catch (error) {
    console.error(`fresh clone: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
