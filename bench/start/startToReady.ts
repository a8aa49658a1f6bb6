// `node bench/start/startToReady.ts [rounds]`: how long a start takes until the first line of `up --json`, cold (no data dir) and warm (one that
// was used and stopped), and the memory of the process then, sandbox included. Prints one JSON line.
//
// Sketch of the cost: Node and its type stripping about 0.4 s, initdb about 0.7 s (cold only), PostgreSQL about 0.1 s, migrations about
// 0.2 s (cold only), the sandbox's thread about 0.4 s.
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

interface Start {
  readonly readyMs: number;
  /** Resident memory once ready; null where the system does not tell. Bytes. */
  readonly residentBytes: number | null;
}

const program = join(import.meta.dirname, '../../src/cli/main.ts');

const residentBytes = (pid: number): number | null => {
  try {
    const kilobytes = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
};

const start = async (dataDir: string): Promise<Start> => {
  const beganMs = performance.now();
  const child = spawn(
    process.execPath,
    [program, 'up', '--json', '--port', '0', '--admin-port', '0', '--data-dir', dataDir],
    { stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const exit = once(child, 'exit');
  await Promise.race([
    once(child.stdout, 'data'),
    exit.then(() => Promise.reject(new Error('the program ended before it was ready'))),
  ]);
  const readyMs = performance.now() - beganMs;
  const resident = residentBytes(child.pid ?? 0);
  child.kill('SIGTERM');
  await exit;
  return { readyMs, residentBytes: resident };
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[values.length >> 1] ?? NaN;

const rounds = Number(process.argv[2] ?? 5);
const cold: Start[] = [];
const warm: Start[] = [];
for (let round = 0; round < rounds; round += 1) {
  const folder = mkdtempSync(join(tmpdir(), 'archipel-bench-'));
  chmodSync(folder, 0o755);
  cold.push(await start(folder));
  warm.push(await start(folder));
  rmSync(folder, { recursive: true, force: true });
}
const megabytes = warm.flatMap((one) => (one.residentBytes === null ? [] : [one.residentBytes / 1e6]));
process.stdout.write(
  `${JSON.stringify({
    bench: 'start',
    commit: execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: import.meta.dirname })
      .toString()
      .trim(),
    node: process.version,
    cores: cpus().length,
    rounds,
    coldMedianMs: Math.round(median(cold.map(({ readyMs }) => readyMs))),
    coldMaxMs: Math.round(Math.max(...cold.map(({ readyMs }) => readyMs))),
    warmMedianMs: Math.round(median(warm.map(({ readyMs }) => readyMs))),
    warmMaxMs: Math.round(Math.max(...warm.map(({ readyMs }) => readyMs))),
    residentMedianMB: Math.round(median(megabytes)),
  })}\n`,
);
