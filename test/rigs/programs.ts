// Coding agents as people have them: installed from the registry at the versions that were looked at, pointed at a gateway by `archipel connect`, run without a terminal.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runArchipel, type Ended } from './startServer.ts';

export interface Program {
  /** As `archipel connect` calls it. */
  readonly name: string;
  readonly title: string;
  readonly package: string;
  readonly version: string;
  /** Under the folder that it is installed in; the first that is there. */
  readonly binaries: readonly string[];
  readonly wire: string;
  arguments(prompt: string): readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export const programs: readonly Program[] = [
  {
    name: 'claude-code',
    title: 'Claude Code',
    package: '@anthropic-ai/claude-code',
    version: '2.1.332',
    binaries: ['node_modules/@anthropic-ai/claude-code-linux-*/claude'],
    wire: 'anthropic',
    arguments: (prompt) => ['-p', prompt, '--allowedTools', 'Bash'],
  },
  {
    name: 'codex',
    title: 'Codex',
    package: '@openai/codex',
    version: '0.169.0',
    binaries: ['node_modules/@openai/codex-linux-*/vendor/*/bin/codex'],
    wire: 'responses',
    arguments: (prompt) => ['exec', '--skip-git-repo-check', prompt],
  },
  {
    name: 'opencode',
    title: 'OpenCode',
    package: 'opencode-ai',
    version: '1.18.33',
    binaries: ['node_modules/opencode-linux-*/bin/opencode'],
    wire: 'openai',
    arguments: (prompt) => ['run', prompt],
  },
  {
    name: 'gemini',
    title: 'Gemini CLI',
    package: '@google/gemini-cli',
    version: '0.61.0',
    binaries: ['node_modules/.bin/gemini'],
    wire: 'gemini',
    arguments: (prompt) => ['--yolo', '-p', prompt],
    env: { GEMINI_CLI_TRUST_WORKSPACE: 'true' },
  },
  {
    name: 'qwen',
    title: 'Qwen Code',
    package: '@qwen-code/qwen-code',
    version: '0.24.4',
    binaries: ['node_modules/.bin/qwen'],
    wire: 'openai',
    arguments: (prompt) => ['-p', prompt],
  },
  {
    name: 'cline',
    title: 'Cline',
    package: 'cline',
    version: '3.0.65',
    binaries: ['node_modules/.bin/cline'],
    wire: 'openai',
    arguments: (prompt) => ['--json', prompt],
  },
  {
    name: 'continue',
    title: 'Continue',
    package: '@continuedev/cli',
    version: '1.5.47',
    binaries: ['node_modules/.bin/cn'],
    wire: 'openai',
    arguments: (prompt) => ['--auto', '-p', prompt],
    env: { CONTINUE_TELEMETRY_ENABLED: '0' },
  },
];

/** Where they are kept from run to run. */
const kept = process.env['ARCHIPEL_PROGRAMS'] ?? join(tmpdir(), 'archipel-programs');

/** Installs a program, without its scripts. @returns the path of its binary, or why it cannot be had */
export const installProgram = (program: Program): { readonly binary: string } | { readonly missing: string } => {
  const folder = join(kept, `${program.name}-${program.version}`);
  const found = (): string | undefined =>
    program.binaries.flatMap((pattern) => globSync(pattern, { cwd: folder })).find((path) => !path.endsWith('.cjs'));
  if (!existsSync(folder) || found() === undefined) {
    mkdirSync(folder, { recursive: true });
    const wanted = `${program.package}@${program.version}`;
    const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, wanted];
    const { status, stderr } = spawnSync('npm', args, { encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) return { missing: stderr.split('\n').find((line) => line.includes('ERR')) ?? 'npm failed' };
  }
  const path = found();
  if (path === undefined) return { missing: `${program.package} has no binary for this machine` };
  const binary = join(folder, path);
  // Its own script would have made it runnable.
  if (!path.includes('.bin/')) chmodSync(binary, 0o755);
  return { binary };
};

/** Points a program at a gateway, in a home of its own. */
export const connectProgram = async (
  program: Program,
  facts: { readonly url: string; readonly key: string; readonly model: string; readonly home: string },
): Promise<Ended> => {
  const keyFile = join(facts.home, 'key');
  writeFileSync(keyFile, facts.key, { mode: 0o600 });
  const args = ['connect', program.name, '--url', facts.url, '--key-file', keyFile, '--model', facts.model];
  return runArchipel(args, { env: { HOME: facts.home }, cwd: facts.home });
};

const programMsMax = 150_000;

/** Runs a program to its end with nothing of this machine's but its home, and ends all that it leaves behind. */
export const runProgram = async (program: Program, binary: string, home: string, prompt: string): Promise<Ended> => {
  const work = join(home, 'work');
  mkdirSync(work, { recursive: true });
  const child = spawn(binary, program.arguments(prompt), {
    cwd: work,
    env: {
      HOME: home,
      PATH: `${dirname(process.execPath)}:/usr/bin:/bin`,
      TERM: 'dumb',
      NO_COLOR: '1',
      ...program.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own: some start helpers that outlive them.
    detached: true,
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (bytes: Buffer) => (stdout += bytes.toString()));
  child.stderr.on('data', (bytes: Buffer) => (stderr += bytes.toString()));
  const timer = setTimeout(() => endGroup(child.pid), programMsMax);
  const code = await new Promise<number | null>((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  endGroup(child.pid);
  endThoseAt(home);
  return { code, stdout, stderr };
};

const environmentOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return '';
  }
};

/** Helpers that leave the group live on in their program's home. */
const endThoseAt = (home: string): void => {
  for (const pid of globSync('[0-9]*', { cwd: '/proc' })) {
    if (environmentOf(pid).split('\0').includes(`HOME=${home}`)) process.kill(Number(pid), 'SIGKILL');
  }
};

const endGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // Nobody is left.
  }
};
