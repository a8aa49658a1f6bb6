// `node bench/overhead/overhead.ts [--rounds 3] [--seconds 3] [--seed 1] [--program F] [--save]`: what a request costs on its way through nginx
// (a pure proxy), Archipel (everything on) and Portkey's open gateway, in one interleaved run before the same fixed vendor. Prints a table on
// stderr and one JSON line on stdout; --save appends the line to bench/results/overhead.jsonl, from which `node tools/benchTable.ts` writes the
// table of README.md. About ten minutes with the defaults. Linux only: processor time is read from /proc.
//
// All contenders are up at once. Each way (client's wire > vendor's wire, whole or streamed) is asked once on each, and the vendor's view and the
// answer are compared with what was recorded; what is not right is not timed. Each contender is warmed for 25 s a way; then come rounds of slices,
// contenders in a new order each round. A figure is the middle of the rounds, a ratio the middle of the rounds' ratios.
//
// Sketch of the cost of a 1 KB request that is passed through, 1.1 KB in and 1.1 KB out, as it should be: 4 socket calls (read and write on both
// sides) 4 x 5 us, two HTTP parsers 2 x 5 us, node:http and the transport's objects 30 us, scan and splice of the body 2 us, admit and choose
// 5 us, two records as JSON with checksums 6 us, their write 10 us and a share of an fdatasync, shipping to the database 10 us: about 90 us,
// where nginx takes its 4 socket calls and little else, 20 us. A streamed event: one read, one write, two chunk frames, one look for its end and
// its usage: 15 us, nginx 8 us or more as fewer come at once.
import { execFileSync } from 'node:child_process';
import { appendFileSync, mkdirSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { askFor } from './askFor.ts';
import { chanceOf, shuffled } from './chance.ts';
import type { Contender, Way } from './Contender.ts';
import { startArchipel } from './contenders/startArchipel.ts';
import { startNginx } from './contenders/startNginx.ts';
import { startPortkey } from './contenders/startPortkey.ts';
import { overheadRows } from './overheadRows.ts';
import { isProvisional, type OverheadResult } from './overheadResult.ts';
import { ownFolder } from './ownFolder.ts';
import type { WireName } from './recordedTraffic.ts';
import { measurePaced, measureResidentBytes, measureSlice, type Ready } from './slices.ts';
import { startUpstream, type Upstream } from './startUpstream.ts';

/** Code is compiled again as it proves hot; measured, a request's cost falls for as long as this, and on no way for longer. */
const warmMs = 25_000;
const settleMs = 300;
const pacedPerSecond = 200;
const residentStreams = 500;
/** Most that P1 may be. */
const requestRatioMax = 8;

const everybody = ['nginx', 'archipel', 'portkey'];

interface MeasuredWay extends Way {
  readonly name: string;
  readonly contenders: readonly string[];
}

const way = (client: WireName, vendor: WireName, stream: boolean, contenders: readonly string[]): MeasuredWay => ({
  name: `${client}>${vendor} ${stream ? 'stream' : 'whole'}`,
  client,
  vendor,
  stream,
  contenders,
});

/** Pass-through is compared between programs, translation with the pass-through of the same client. */
const ways: readonly MeasuredWay[] = [false, true].flatMap((stream) => [
  way('openai', 'openai', stream, everybody),
  way('anthropic', 'anthropic', stream, ['archipel']),
  way('openai', 'anthropic', stream, ['archipel', 'portkey']),
  way('anthropic', 'openai', stream, ['archipel']),
]);

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

/** Git's word on the sources of a program, or a dash where they are no clone. */
const git = (program: string, ...args: string[]): string => {
  try {
    return execFileSync('git', args, { cwd: dirname(program), stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  } catch {
    return '-';
  }
};

interface Options {
  readonly rounds: number;
  readonly seconds: number;
  readonly seed: number;
  readonly program: string;
  readonly save: boolean;
}

const readOptions = (): Options => {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      seed: { type: 'string', default: '1' },
      program: { type: 'string', default: join(import.meta.dirname, '../../src/cli/main.ts') },
      save: { type: 'boolean', default: false },
    },
  });
  const [rounds, seconds, seed] = [Number(values.rounds), Number(values.seconds), Number(values.seed)];
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new Error('--rounds takes a whole number from 1');
  if (!(seconds > 0)) throw new Error('--seconds takes a number above 0');
  if (!Number.isSafeInteger(seed)) throw new Error('--seed takes a whole number');
  return { rounds, seconds, seed, program: values.program, save: values.save };
};

/** Starts the program on new folders (cold) and on the same again (warm), and stops it each time. */
const measureStarts = async (
  options: Options,
  scope: AsyncDisposableStack,
  folder: string,
  upstream: Upstream,
): Promise<OverheadResult['start']> => {
  const coldMs: number[] = [];
  const warmMsOf: number[] = [];
  const startOnce = async (name: string): Promise<number> => {
    const { readyMs, stop } = await startArchipel(scope, {
      program: options.program,
      upstreamPort: upstream.port,
      folder: name,
    });
    await stop();
    return rounded(readyMs);
  };
  for (let round = 0; round < options.rounds; round += 1) {
    const name = join(folder, `start-${round}`);
    mkdirSync(name);
    coldMs.push(await startOnce(name));
    warmMsOf.push(await startOnce(name));
  }
  return { coldMs, warmMs: warmMsOf };
};

/** Who can be timed on a way; the others are told and kept with the reason. */
const readyFor = async (
  contenders: readonly Contender[],
  measured: MeasuredWay,
  upstream: Upstream,
  skipped: Record<string, string>,
): Promise<Ready[]> => {
  const ready: Ready[] = [];
  for (const contender of contenders) {
    if (!measured.contenders.includes(contender.name)) continue;
    const ask = await askFor(contender, measured, upstream);
    if (typeof ask !== 'string') {
      ready.push({ contender, ask });
      continue;
    }
    skipped[`${measured.name} ${contender.name}`] = ask;
    tell(`skipped: ${measured.name} on ${contender.name}: ${ask}`);
  }
  return ready;
};

type Loads = Record<string, Record<string, { cpuUs: number[]; databaseCpuUs: number[]; perSecond: number[] }>>;

const measureLoads = async (
  options: Options,
  readyByWay: ReadonlyMap<MeasuredWay, readonly Ready[]>,
  upstream: Upstream,
): Promise<Loads> => {
  const chance = chanceOf(options.seed);
  const loads: Loads = {};
  for (const [measured, ready] of readyByWay) {
    tell(`warming ${measured.name}`);
    for (const one of ready) await measureSlice(one, measured.stream, upstream, { settleMs: 0, measureMs: warmMs });
  }
  for (let round = 0; round < options.rounds; round += 1) {
    tell(`round ${round + 1} of ${options.rounds}`);
    for (const [measured, ready] of readyByWay) {
      for (const one of shuffled(ready, chance)) {
        const times = { settleMs, measureMs: options.seconds * 1_000 };
        const { cpuUs, databaseCpuUs, perSecond } = await measureSlice(one, measured.stream, upstream, times);
        const kept = ((loads[measured.name] ??= {})[one.contender.name] ??= {
          cpuUs: [],
          databaseCpuUs: [],
          perSecond: [],
        });
        kept.cpuUs.push(rounded(cpuUs));
        kept.databaseCpuUs.push(rounded(databaseCpuUs));
        kept.perSecond.push(Math.round(perSecond));
      }
    }
  }
  return loads;
};

/** The vendor itself, as nginx's client would see it without nginx. */
const directOf = (upstream: Upstream, nginx: Contender): Contender => ({
  ...nginx,
  name: 'direct',
  port: upstream.port,
  pids: [],
});

const measureRates = async (
  options: Options,
  contenders: readonly Contender[],
  upstream: Upstream,
  skipped: Record<string, string>,
): Promise<OverheadResult['paced']> => {
  const names = [...everybody, 'direct'];
  const ready = await readyFor(contenders, way('openai', 'openai', false, names), upstream, skipped);
  const chance = chanceOf(options.seed);
  const paced: OverheadResult['paced'] = {};
  tell(`latency at ${pacedPerSecond} requests a second`);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const one of shuffled(ready, chance)) {
      const { p50Ms, p99Ms, cpuUs } = await measurePaced(one, pacedPerSecond, options.seconds * 1_000);
      const kept = (paced[one.contender.name] ??= { p50Ms: [], p99Ms: [], cpuUs: [] });
      kept.p50Ms.push(rounded(p50Ms));
      kept.p99Ms.push(rounded(p99Ms));
      kept.cpuUs.push(rounded(cpuUs));
    }
  }
  return paced;
};

const measureMemory = async (ready: readonly Ready[], upstream: Upstream): Promise<Record<string, number>> => {
  const megabytes: Record<string, number> = {};
  tell(`memory at ${residentStreams} streams`);
  for (const one of ready)
    megabytes[one.contender.name] = rounded((await measureResidentBytes(one, upstream, residentStreams)) / 1e6);
  return megabytes;
};

const run = async (options: Options, scope: AsyncDisposableStack): Promise<OverheadResult> => {
  const loadAverageBefore = rounded(loadavg()[0] ?? 0);
  if (isProvisional({ loadAverageBefore }))
    tell(`other work runs on this machine (load average ${loadAverageBefore}): the figures are provisional`);
  const folder = ownFolder(scope);
  const upstream = await startUpstream(scope);
  tell('starts, cold and warm');
  const start = await measureStarts(options, scope, folder, upstream);
  const archipelFolder = join(folder, 'archipel');
  mkdirSync(archipelFolder);
  const nginx = await startNginx(scope, folder, upstream.port);
  const portkey = await startPortkey(scope, folder, upstream.port);
  const archipel = await startArchipel(scope, {
    program: options.program,
    upstreamPort: upstream.port,
    folder: archipelFolder,
  });
  const contenders = [nginx, archipel.contender, portkey];
  const skipped: Record<string, string> = {};
  await upstream.pace(0);
  const readyByWay = new Map<MeasuredWay, readonly Ready[]>();
  for (const measured of ways) readyByWay.set(measured, await readyFor(contenders, measured, upstream, skipped));
  const streams = ways.find(({ name }) => name === 'openai>openai stream');
  const residentMB = await measureMemory((streams && readyByWay.get(streams)) ?? [], upstream);
  const load = await measureLoads(options, readyByWay, upstream);
  const paced = await measureRates(options, [...contenders, directOf(upstream, nginx)], upstream, skipped);
  return {
    bench: 'overhead',
    commit: git(options.program, 'rev-parse', '--short', 'HEAD'),
    dirty: git(options.program, 'status', '--porcelain') !== '',
    date: new Date().toISOString(),
    seed: options.seed,
    machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, loadAverageBefore },
    node: process.version,
    versions: Object.fromEntries(contenders.map(({ name, version }) => [name, version])),
    rounds: options.rounds,
    seconds: options.seconds,
    load,
    paced,
    residentMB,
    start,
    skipped,
  };
};

const printed = (result: OverheadResult): string => {
  const rows = [
    { figure: '', nginx: 'nginx', archipel: 'Archipel', portkey: 'Portkey', ratio: 'Archipel is' },
    ...overheadRows(result),
  ];
  return rows
    .map((row) =>
      [row.figure.padEnd(62), row.nginx, row.archipel, row.portkey, row.ratio]
        .map((cell) => cell.padStart(9))
        .join('  '),
    )
    .join('\n');
};

const verdict = (result: OverheadResult): string => {
  const ratio = Number.parseFloat(overheadRows(result)[0]?.ratio ?? '');
  return ratio <= requestRatioMax
    ? `A request costs ${ratio} times nginx's; ${requestRatioMax} is the most that is allowed.`
    : `MISSED: a request costs ${ratio} times nginx's, and ${requestRatioMax} is the most that is allowed.`;
};

const options = readOptions();
await using everything = new AsyncDisposableStack();
/** Rejects at the first signal; everything that was started is stopped then. A second signal ends the bench at once. */
const stopped = new Promise<never>((_resolve, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => {
      tell(`${signal}: stopping what was started`);
      reject(new Error(`stopped by ${signal}`));
    });
});
const result = await Promise.race([run(options, everything), stopped]);
tell(`\n${printed(result)}\n\n${verdict(result)}`);
const line = `${JSON.stringify(result)}\n`;
process.stdout.write(line);
if (options.save) appendFileSync(join(import.meta.dirname, '../results/overhead.jsonl'), line);
