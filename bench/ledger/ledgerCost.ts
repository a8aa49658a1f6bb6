// `node bench/ledger/ledgerCost.ts [--rounds 5] [--seconds 3] [--seed 1] [--save]`: what the durable ledger and hard budgets cost a request. The same program three times at
// once, before the same fixed vendor: without both (`off`: a journal that keeps nothing, no budgets in its file), with both (`on`), and with both on a PostgreSQL
// that is named by URL, where budgets are held by leases (`leased`). Interleaved in one run: each is warmed for 25 s a way, then come rounds of slices in a new
// order each round; a ratio is the middle of the rounds' ratios. Prints a table on stderr and one JSON line on stdout; --save appends it to
// bench/results/ledgerCost.jsonl. About ten minutes with the defaults. Linux only: processor time is read from /proc.
//
// Sketch of what is added to a request: two records as JSON with checksums 6 us, their share of a write and an fdatasync 2 to 4 us, hold and settlement in two
// budgets 1 us: 10 us of about 200. Shipping is done in pieces behind everybody's back, and most of it is the database's own time, which is told apart.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { silentLog } from '../../src/kernel/index.ts';
import { startEmbeddedPostgres } from '../../src/store/index.ts';
import { askFor } from '../overhead/askFor.ts';
import { chanceOf, shuffled } from '../overhead/chance.ts';
import type { Way } from '../overhead/Contender.ts';
import { startArchipel, type ArchipelOptions } from '../overhead/contenders/startArchipel.ts';
import { isProvisional, median, medianRatio } from '../overhead/overheadResult.ts';
import { ownFolder } from '../overhead/ownFolder.ts';
import { measureSlice, type Ready } from '../overhead/slices.ts';
import { startUpstream, type Upstream } from '../overhead/startUpstream.ts';

const program = join(import.meta.dirname, '../../src/cli/main.ts');
/** Code is compiled again as it proves hot; measured, a request's cost falls for as long as this. */
const warmMs = 25_000;
const settleMs = 300;
/** Most that it may cost: with both over without both. */
const ratioMax = 1.1;

const ways = {
  whole: { client: 'openai', vendor: 'openai', stream: false },
  stream: { client: 'openai', vendor: 'openai', stream: true },
} as const satisfies Record<string, Way>;

const wayNames = ['whole', 'stream'] as const;
const kinds = ['off', 'on', 'leased'] as const;

type Kind = (typeof kinds)[number];

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    seed: { type: 'string', default: '1' },
    save: { type: 'boolean', default: false },
  },
});
const [rounds, seconds, seed] = [Number(values.rounds), Number(values.seconds), Number(values.seed)];

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Finals that lie in the segments of a spool: of those that were shipped, only the newest. */
const finalsIn = (spool: string): number =>
  readdirSync(spool, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => {
      const finals = readFileSync(join(parentPath, name), 'latin1').split('"type":"final"').length - 1;
      return sum + finals;
    }, 0);

const startDatabase = async (scope: AsyncDisposableStack, folder: string) => {
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: silentLog });
  scope.defer(() => postgres.stop());
  return { url: postgres.url.reveal(), pid: postgres.pid };
};

const startKind = async (scope: AsyncDisposableStack, kind: Kind, folder: string, upstream: Upstream) => {
  const own = join(folder, kind);
  mkdirSync(own);
  const options: ArchipelOptions = {
    program,
    upstreamPort: upstream.port,
    folder: own,
    ...(kind === 'off'
      ? { withoutBudgets: true, nodeArguments: ['--import', join(import.meta.dirname, 'keepNothing.ts')] }
      : {}),
    ...(kind === 'leased' ? { database: await startDatabase(scope, folder) } : {}),
  };
  const { contender } = await startArchipel(scope, options);
  return { kind, contender: { ...contender, name: kind }, spool: join(own, 'data/spool') };
};

interface Rounds {
  readonly cpuUs: number[];
  readonly databaseCpuUs: number[];
  readonly perSecond: number[];
}

type RoundsByKind = Readonly<Record<Kind, Rounds>>;

type Started = Awaited<ReturnType<typeof startKind>>;

const noRounds = (): Rounds => ({ cpuUs: [], databaseCpuUs: [], perSecond: [] });

const readyFor = async (started: Started, way: Way, upstream: Upstream): Promise<Ready & Started> => {
  const ask = await askFor(started.contender, way, upstream);
  if (typeof ask === 'string') throw new Error(`${started.kind} ${ask}`);
  return { ...started, ask };
};

/** Rounds of all kinds on one way, each in an order of its own. */
const measureWay = async (name: (typeof wayNames)[number], all: readonly Started[], upstream: Upstream) => {
  const { stream } = ways[name];
  const chance = chanceOf(seed);
  const ready: (Ready & Started)[] = [];
  for (const one of all) ready.push(await readyFor(one, ways[name], upstream));
  tell(`warming ${name}`);
  for (const one of ready) await measureSlice(one, stream, upstream, { settleMs: 0, measureMs: warmMs });
  const measured: RoundsByKind = { off: noRounds(), on: noRounds(), leased: noRounds() };
  for (let round = 0; round < rounds; round += 1) {
    tell(`${name}, round ${round + 1} of ${rounds}`);
    for (const one of shuffled(ready, chance)) {
      const slice = await measureSlice(one, stream, upstream, { settleMs, measureMs: seconds * 1_000 });
      const kept = measured[one.kind];
      kept.cpuUs.push(rounded(slice.cpuUs));
      kept.databaseCpuUs.push(rounded(slice.databaseCpuUs));
      kept.perSecond.push(Math.round(slice.perSecond));
    }
  }
  return measured;
};

const ratiosOf = ({ off, on, leased }: RoundsByKind) => ({
  on: rounded(medianRatio(on.cpuUs, off.cpuUs)),
  leased: rounded(medianRatio(leased.cpuUs, off.cpuUs)),
});

await using scope = new AsyncDisposableStack();
const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: cpus().length,
  loadAverageBefore: rounded(loadavg()[0] ?? 0),
};
if (isProvisional(machine))
  tell(`other work runs on this machine (load average ${machine.loadAverageBefore}): the figures are provisional`);
const folder = ownFolder(scope);
const upstream = await startUpstream(scope);
await upstream.pace(0);
const started: Started[] = [];
for (const kind of kinds) started.push(await startKind(scope, kind, folder, upstream));
const load = {
  whole: await measureWay('whole', started, upstream),
  stream: await measureWay('stream', started, upstream),
};
// What is compared is what it is said to be: one kept nothing of all that, the others kept it.
for (const { kind, spool } of started) {
  const finals = finalsIn(spool);
  if (kind === 'off' ? finals > 0 : finals === 0) throw new Error(`"${kind}" has ${finals} finals in its spool`);
}

const ratios = { whole: ratiosOf(load.whole), stream: ratiosOf(load.stream) };
for (const name of wayNames) {
  const unit = ways[name].stream ? 'event' : 'answer';
  for (const kind of kinds) {
    const { cpuUs, databaseCpuUs, perSecond } = load[name][kind];
    const ratio = kind === 'off' ? '' : `, ${ratios[name][kind]} x`;
    tell(
      `${name} ${kind}: ${median(cpuUs)} us an ${unit}${ratio}, database ${median(databaseCpuUs)} us, ${median(perSecond)} a second`,
    );
  }
}
const worst = Math.max(ratios.whole.on, ratios.stream.on, ratios.whole.leased, ratios.stream.leased);
tell(
  worst <= ratioMax
    ? `At most ${worst} times; ${ratioMax} is allowed.`
    : `MISSED: ${worst} times, and ${ratioMax} is allowed.`,
);
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
const line = `${JSON.stringify({
  bench: 'ledgerCost',
  commit: git('describe', '--always', '--dirty'),
  date: new Date().toISOString(),
  seed,
  machine,
  node: process.version,
  rounds,
  seconds,
  ratios,
  load,
})}\n`;
process.stdout.write(line);
if (values.save) appendFileSync(join(import.meta.dirname, '../results/ledgerCost.jsonl'), line);
