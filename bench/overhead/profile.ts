// `node bench/overhead/profile.ts [--seconds 10] [--program F] [--client openai] [--vendor openai] [--stream] [--rows 40] [--withoutLedger]`: where the gateway's processor time
// goes under the load of the overhead bench: functions by their own time, as Markdown on stdout. A profiled run is slower than a plain one.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { askFor } from './askFor.ts';
import { startArchipel } from './contenders/startArchipel.ts';
import { loadShapeOf, startLoad } from './loadShapes.ts';
import { ownFolder } from './ownFolder.ts';
import { cpuUsByThread } from './processFigures.ts';
import { startUpstream } from './startUpstream.ts';

const profileShape = z.object({
  startTime: z.number(),
  nodes: z.array(
    z.object({
      id: z.number(),
      children: z.array(z.number()).optional(),
      callFrame: z.object({ functionName: z.string(), url: z.string(), lineNumber: z.number() }),
    }),
  ),
  samples: z.array(z.number()),
  timeDeltas: z.array(z.number()),
});

const warmMs = 7_000;

/** "src/wire/sse/SseReader.ts:41" for a place of ours, the package for one of others, the module for Node's own. */
const placeOf = (url: string, line: number): string => {
  const path = url.replace(/^file:\/\//, '');
  const ours = /\/(src\/.*)$/.exec(path)?.[1];
  const others = /\/node_modules\/((?:@[^/]+\/)?[^/]+.*)$/.exec(path)?.[1];
  return `${others ?? ours ?? (path || 'native')}:${line + 1}`;
};

type Profile = z.output<typeof profileShape>;

/** Microseconds by name, longest first. */
type Times = readonly (readonly [name: string, us: number])[];

/** For each node of the call tree the names of the functions on its stack, its own first, each once. */
const stacksOf = (profile: Profile): ReadonlyMap<number, readonly string[]> => {
  const parents = new Map(profile.nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const names = new Map(
    profile.nodes.map(({ id, callFrame }) => [
      id,
      `${callFrame.functionName || '(anonymous)'} ${placeOf(callFrame.url, callFrame.lineNumber)}`,
    ]),
  );
  const stackOf = (id: number): string[] => {
    const stack: string[] = [];
    for (let at: number | undefined = id; at !== undefined; at = parents.get(at)) stack.push(names.get(at) ?? '');
    return [...new Set(stack)];
  };
  return new Map(profile.nodes.map(({ id }) => [id, stackOf(id)]));
};

/** Own time, and time with everything called, of each function between two moments of the monotonic clock. */
const timesOf = (profile: Profile, fromUs: number, toUs: number): { own: Times; inclusive: Times } => {
  const stacks = stacksOf(profile);
  const own = new Map<string, number>();
  const inclusive = new Map<string, number>();
  const add = (times: Map<string, number>, name: string, us: number): void => {
    times.set(name, (times.get(name) ?? 0) + us);
  };
  let atUs = profile.startTime;
  for (const [index, id] of profile.samples.entries()) {
    const deltaUs = profile.timeDeltas[index] ?? 0;
    atUs += deltaUs;
    const stack = stacks.get(id) ?? [];
    const [top = ''] = stack;
    if (atUs < fromUs || atUs > toUs || top.startsWith('(idle)')) continue;
    add(own, top, deltaUs);
    for (const name of stack) add(inclusive, name, deltaUs);
  }
  const sorted = (times: Map<string, number>): Times => [...times].toSorted(([, one], [, other]) => other - one);
  return { own: sorted(own), inclusive: sorted(inclusive) };
};

/** Own time by room, package or module of Node. */
const groupsOf = (own: Times): Times => {
  const groups = new Map<string, number>();
  for (const [name, us] of own) {
    const place = name.slice(name.indexOf(' ') + 1);
    const group = /^(?:src\/[^/]+|node:[^:]+|(?:@[^/]+\/)?[^/:]+)/.exec(place)?.[0] ?? place;
    groups.set(group, (groups.get(group) ?? 0) + us);
  }
  return [...groups].toSorted(([, one], [, other]) => other - one);
};

const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    program: { type: 'string', default: join(import.meta.dirname, '../../src/cli/main.ts') },
    client: { type: 'string', default: 'openai' },
    vendor: { type: 'string', default: 'openai' },
    stream: { type: 'boolean', default: false },
    rows: { type: 'string', default: '40' },
    withoutLedger: { type: 'boolean', default: false },
  },
});
const wireShape = z.enum(['openai', 'anthropic']);
const way = { client: wireShape.parse(values.client), vendor: wireShape.parse(values.vendor), stream: values.stream };

await using scope = new AsyncDisposableStack();
const folder = ownFolder(scope);
const profiles = join(folder, 'profiles');
const archipelFolder = join(folder, 'archipel');
mkdirSync(archipelFolder);
const upstream = await startUpstream(scope);
const profiled = ['--cpu-prof', `--cpu-prof-dir=${profiles}`, '--cpu-prof-interval=200'];
const { contender, stop } = await startArchipel(scope, {
  program: values.program,
  upstreamPort: upstream.port,
  folder: archipelFolder,
  ...(values.withoutLedger
    ? {
        withoutBudgets: true,
        nodeArguments: [...profiled, '--import', join(import.meta.dirname, '../ledger/keepNothing.ts')],
      }
    : { nodeArguments: profiled }),
});
const ask = await askFor(contender, way, upstream);
if (typeof ask === 'string') throw new Error(ask);
const shape = loadShapeOf(way.stream, ask.events);
await upstream.pace(shape.eventGapMs);
const load = await startLoad(ask, shape);
await pause(warmMs);
const [fromUs, answersBefore] = [monotonicUs(), load.tally.answers];
const threadsBefore = new Map(contender.pids.flatMap(cpuUsByThread));
await pause(Number(values.seconds) * 1_000);
const [toUs, answers] = [monotonicUs(), load.tally.answers - answersBefore];
const threads = contender.pids
  .flatMap(cpuUsByThread)
  .map(([name, us]) => `${name}: ${((us - (threadsBefore.get(name) ?? 0)) / answers).toFixed(1)}`);
await load.stop();
// The profile is written at the end.
await stop();
const texts = readdirSync(profiles).map((file) => readFileSync(join(profiles, file), 'utf8'));
const largest = texts.toSorted((one, other) => other.length - one.length)[0] ?? '';
const { own: ownTimes, inclusive } = timesOf(profileShape.parse(JSON.parse(largest)), fromUs, toUs);
const totalUs = ownTimes.reduce((sum, [, us]) => sum + us, 0);
const table = (title: string, times: Times): string => {
  const rows = times
    .slice(0, Number(values.rows))
    .map(([name, us]) => `| ${((us / totalUs) * 100).toFixed(1)} % | ${(us / answers).toFixed(1)} | ${name} |`);
  return `## ${title}\n\n| share | us an answer | |\n|---|---|---|\n${rows.join('\n')}\n`;
};
process.stdout.write(
  [
    `${answers} answers in ${values.seconds} s, ${(totalUs / answers).toFixed(1)} us of the main thread each (profiler included).\n`,
    `Processor time by thread, us an answer: ${threads.join(', ')}.\n`,
    table('Functions by their own time', ownTimes),
    table(
      'Functions of ours by time with everything they call',
      inclusive.filter(([name]) => name.includes(' src/')),
    ),
    table('Own time by room, package, module', groupsOf(ownTimes)),
  ].join('\n'),
);
