// `node bench/ledger/exportRows.ts [attempts] [--save]`: how long `archipel export costs` takes for a month of so many attempts (a million), and the most memory
// that the server has had at its end beside what it had at rest. A third of the attempts draw on a floor that is counted by the minute. Prints one JSON line;
// --save appends it to bench/results/exportRows.jsonl.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '../../src/kernel/index.ts';
import { readStartScript } from '../../test/rigs/readStartScript.ts';
import { openDatabase, startEmbeddedPostgres } from '../../src/store/index.ts';
import { tellFigures } from './tellFigures.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');
const start = readStartScript();
const [, , count = '1000000'] = process.argv.filter((word) => word !== '--save');
const attempts = Number(count);

const configuration = `version: 1
store: { url: "\${env:BENCH_DATABASE_URL}" }
providers:
  one: { wire: openai, vendor: one, baseUrl: "https://one.example", credentials: { apiKey: "\${env:BENCH_VENDOR_KEY}" } }
models:
  chat: { deployments: [ { provider: one, model: large, price: { inputPerMTok: "2", outputPerMTok: "8" } } ] }
contracts:
  - { id: floor, vendor: one, covers: [ { provider: one, model: large } ], kind: floor, unit: usdPerMinute, quantity: "0.05", period: [2026-10-01, 2026-11-01] }
`;

/** $1 how many; spread over October 2026, 20 teams, 60 keys, 6 models. */
const insert = `
INSERT INTO archipel.attempt (
  organisation_id, month, attempt_id, request_id, attempt, team, key_name, model, provider, target_model, vendor, hosts, wire, operation, stream, contract,
  started_at_ms, duration_ms, outcome_kind, outcome, basis, usage_input, usage_cache_read, usage_cache_write_5m, usage_cache_write_1h, usage_input_audio,
  usage_input_image, usage_output, usage_reasoning, usage_output_audio, usage_output_image, usage_requests, lines, amount_nano_usd, list_nano_usd,
  range_low_nano_usd, range_high_nano_usd, edits
)
SELECT
  'default', '2026-10-01', gen_random_uuid(), gen_random_uuid(), 1, 'team-' || n % 20, 'key-' || n % 60, 'chat', 'one', 'large-' || n % 6, 'one', '{"north": 1}',
  'openai', 'generate', false, CASE WHEN n % 3 = 0 THEN 'floor' END,
  1790812800000 + (n::bigint * 2678399999 / $1::bigint), 900, 'ok', '{"kind": "ok"}', 'reported', 1000, 0, 0, 0, 0, 0, 100, 0, 0, 0, 1,
  '[{"bucket": "input", "units": 1000, "priceNanoUsdPerMillion": "2000000000", "discount": "0", "amountNanoUsd": "2000000", "source": "file"},
    {"bucket": "output", "units": 100, "priceNanoUsdPerMillion": "8000000000", "discount": "0", "amountNanoUsd": "800000", "source": "file"}]',
  2800000, 2800000, 2800000, 2800000, '{}'
FROM generate_series(0, $1::integer - 1) AS n`;

/** A figure of /proc/<pid>/status, in bytes; null where the system does not tell. */
const memoryOf = (pid: number, figure: 'VmRSS' | 'VmHWM'): number | null => {
  try {
    const kilobytes = new RegExp(`^${figure}:\\s+(\\d+) kB`, 'm').exec(
      readFileSync(`/proc/${pid}/status`, 'utf8'),
    )?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
};

const megabytes = (bytes: number | null): number | null => (bytes === null ? null : Math.round(bytes / 1e6));

const folder = mkdtempSync(join(tmpdir(), 'archipel-bench-'));
chmodSync(folder, 0o755);
const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'database'), log: silentLog });
const database = openDatabase({ url: postgres.url, log: silentLog });
const file = join(folder, 'archipel.yaml');
const dataDir = join(folder, 'data');
writeFileSync(file, configuration);
const server = spawn(
  process.execPath,
  [
    ...start.flags,
    program,
    'up',
    '--json',
    '--config',
    file,
    '--port',
    '0',
    '--admin-port',
    '0',
    '--data-dir',
    dataDir,
  ],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...start.env, BENCH_DATABASE_URL: postgres.url.reveal(), BENCH_VENDOR_KEY: 'none' },
  },
);
const exit = once(server, 'exit');
try {
  await Promise.race([
    once(server.stdout, 'data'),
    exit.then(() => Promise.reject(new Error('the program ended before it was ready'))),
  ]);
  await database.query("SELECT archipel.ensure_month('2026-10-01')");
  await database.exclusive((queries) => queries.query(insert, [attempts]));
  await database.exclusive((queries) => queries.query('ANALYZE archipel.attempt'));
  const pid = server.pid ?? 0;
  const restBytes = memoryOf(pid, 'VmRSS');
  const beganMs = performance.now();
  const out = join(folder, 'costs.csv');
  execFileSync(
    process.execPath,
    [program, 'export', 'costs', '--from', '2026-10-01', '--to', '2026-11-01', '--out', out, '--data-dir', dataDir],
    { stdio: 'inherit' },
  );
  const seconds = (performance.now() - beganMs) / 1000;
  tellFigures('exportRows', {
    attempts,
    seconds: Math.round(seconds * 10) / 10,
    rows: readFileSync(out, 'utf8').split('\r\n').length - 2,
    fileBytes: statSync(out).size,
    restMB: megabytes(restBytes),
    peakMB: megabytes(memoryOf(pid, 'VmHWM')),
  });
} finally {
  server.kill('SIGTERM');
  await exit;
  await database.close();
  await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
}
