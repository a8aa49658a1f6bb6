// `node bench/translate/translate.ts [--rounds 5] [--sliceMs 20] [--seed 1] [--quick] [--save]`: what translation costs. For each client's wire with each
// other wire, the processor time of a request, of one of 200 KB full of calls of tools, of a whole answer and of an event of a stream; beside each the
// same bytes parsed, parsed and written again, and observed as a pass-through does. Then the longest turn of the event loop while a large body goes
// through the listener and the gateway. Prints tables on stderr and one JSON line on stdout; --save appends it to bench/results/translate.jsonl.
// About three minutes; --quick one, without the 4 MB bodies' worth of rounds. Linux only: processor time of a thread is read.
//
// The four sides of each figure are measured within a tenth of a second of one another, in a new order each round, as processor time: what else runs
// on the machine slows all of them alike. A ratio is the middle of the rounds' own ratios.
//
// Sketch of the cost of an event: parse it 1, look at its members and make a part of it 0.5, write the client's event around the same text 1: 2.5 times
// its parse. Of a body: parse 1, read its members 0.5, make the target's 0.5, write it 0.7, scan what was written 0.5: 3.2 times its parse.
import { execFileSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clientWires } from '../../src/wire/index.ts';
import { chanceOf, shuffled } from '../overhead/chance.ts';
import { median, medianRatio } from '../overhead/overheadResult.ts';
import { measureBlocks, type Block } from './blocks.ts';
import { processCpuUs } from './cpuClock.ts';
import { allWires } from './inputs.ts';
import { allWork, type Work } from './work.ts';

const toolHeavyBytes = 200_000;
const inlineBytes = 262_144;
/** Most that row P5 may be. */
const eventRatioMax = 4;
/** Code is compiled again as it proves hot. */
const warmMs = 150;
const passMsMax = 5;
const apartMsMax = 5;
const inlineMsPerMbMax = 25;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    sliceMs: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    quick: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
  },
});
const rounds = values.quick ? 3 : Number(values.rounds);
const sliceMs = values.quick ? 5 : Number(values.sliceMs);
const seed = Number(values.seed);

const tell = (text: string): void => void process.stderr.write(`${text}\n`);
const rounded = (value: number): number => Math.round(value * 100) / 100;
const git = (...args: string[]): string =>
  execFileSync('git', args, { cwd: import.meta.dirname })
    .toString()
    .trim();

/** Processor time of so many runs, one on average. Microseconds. */
const cpuUsOf = (run: () => unknown, times: number): number => {
  const before = processCpuUs();
  for (let time = 0; time < times; time += 1) run();
  return (processCpuUs() - before) / times;
};

/** Warms it, and says how often it runs in a slice. */
const timesIn = (run: () => unknown): number => {
  const warmUs = warmMs * 1_000;
  let times = 1;
  for (;;) {
    const us = cpuUsOf(run, times) * times;
    if (us >= warmUs) return Math.max(1, Math.round((times * sliceMs * 1_000) / us));
    times = Math.ceil(times * Math.min(10, Math.max(1.5, warmUs / Math.max(1, us))));
  }
};

const sides = ['parse', 'roundTrip', 'observe', 'translate'] as const;

interface Cost {
  readonly bytes: number;
  /** Of one body or one event. */
  readonly translateUs: number;
  readonly parse: number;
  readonly roundTrip: number;
  /** Null where no client speaks the vendor's wire. */
  readonly observe: number | null;
}

const costOf = (work: Work, chance: () => number): Cost => {
  const runs = sides.flatMap((side) => {
    const run = work[side];
    return run === null ? [] : [{ side, run, times: timesIn(run), us: [] as number[] }];
  });
  for (let round = 0; round < rounds; round += 1)
    for (const one of shuffled(runs, chance)) one.us.push(cpuUsOf(one.run, one.times) / work.units);
  const usOf = (side: (typeof sides)[number]): readonly number[] => runs.find((one) => one.side === side)?.us ?? [];
  const ratioTo = (side: (typeof sides)[number]): number => rounded(medianRatio(usOf('translate'), usOf(side)));
  return {
    bytes: work.bytes,
    translateUs: rounded(median(usOf('translate'))),
    parse: ratioTo('parse'),
    roundTrip: ratioTo('roundTrip'),
    observe: work.observe === null ? null : ratioTo('observe'),
  };
};

const row = (cells: readonly (string | number | null)[]): string =>
  cells.map((cell, index) => String(cell ?? '-').padStart(index === 0 ? 32 : 10)).join(' ');

const costTable = (costs: Readonly<Record<string, Cost>>): string =>
  [
    row(['', 'bytes', 'us', 'x parse', 'x p+write', 'x observe']),
    ...Object.entries(costs).map(([name, { bytes, translateUs, parse, roundTrip, observe }]) =>
      row([name, bytes, translateUs, parse, roundTrip, observe]),
    ),
  ].join('\n');

const msOf = ({ turnMs }: Block): number => median(turnMs);

const blockTable = (blocks: readonly Block[]): string =>
  [
    row(['', 'bytes', 'median ms', 'worst ms', 'ms per MB']),
    ...blocks.map((block) =>
      row([
        `${block.name} ${block.way}`,
        block.bytes,
        msOf(block),
        Math.max(...block.turnMs),
        rounded((msOf(block) / block.bytes) * 1e6),
      ]),
    ),
  ].join('\n');

/** What a figure must be at most, and the worst that it was. */
const verdict = (what: string, most: number, worst: number): string =>
  `${worst <= most ? 'ok' : 'MISSED'}: ${what}: ${rounded(worst)}, and ${most} is the most that is allowed`;

const worstOf = (blocks: readonly Block[], how: Block['how'], of: (block: Block) => number): number =>
  Math.max(...blocks.filter((block) => block.how === how).map(of));

const loadAverageBefore = rounded(loadavg()[0] ?? 0);
const chance = chanceOf(seed);
const costs: Record<string, Cost> = {};
tell('costs of translation');
for (const work of allWork([...clientWires.values()], allWires, toolHeavyBytes))
  costs[`${work.way} ${work.kind}`] = costOf(work, chance);
tell(costTable(costs));
tell('longest turns of the event loop');
const blocks = await measureBlocks(rounds, inlineBytes);
tell(blockTable(blocks));
const eventRatios = Object.entries(costs).flatMap(([name, { parse }]) => (name.endsWith(' event') ? [parse] : []));
tell(
  [
    '',
    verdict('CPU per event of any way, against its parse', eventRatioMax, Math.max(...eventRatios)),
    verdict('longest turn while 1 MB is passed through, ms', passMsMax, worstOf(blocks, 'pass', msOf)),
    verdict('longest turn while a larger body is translated apart, ms', apartMsMax, worstOf(blocks, 'apart', msOf)),
    verdict(
      'longest turn while a body below inlineBytes is translated, ms per MB',
      inlineMsPerMbMax,
      worstOf(
        blocks.filter(({ bytes }) => bytes <= inlineBytes),
        'inline',
        (block) => (msOf(block) / block.bytes) * 1e6,
      ),
    ),
  ].join('\n'),
);
const line = `${JSON.stringify({
  bench: 'translate',
  commit: git('rev-parse', '--short', 'HEAD'),
  dirty: git('status', '--porcelain') !== '',
  date: new Date().toISOString(),
  seed,
  machine: { cpu: cpus()[0]?.model.trim() ?? 'unknown', cores: cpus().length, loadAverageBefore },
  node: process.version,
  rounds,
  sliceMs,
  inlineBytes,
  costs,
  blocks,
})}\n`;
process.stdout.write(line);
if (values.save) appendFileSync(join(import.meta.dirname, '../results/translate.jsonl'), line);
