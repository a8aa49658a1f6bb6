// A gateway between a vendor that is well and vendors, or networks before them, that do all that can be done wrong.
import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AdminPlane } from '../rigs/AdminPlane.ts';
import { seedOf } from '../rigs/Chance.ts';
import { inBandError } from '../rigs/clients/Reading.ts';
import { answersFirst, evilNames, EvilVendor, streamBreakNames } from '../rigs/EvilVendor.ts';
import { expectNoFault } from '../rigs/expectAnswers.ts';
import { FaultProxy, type LinkFault } from '../rigs/FaultProxy.ts';
import { wrongByOurs } from '../rigs/lateVendors.ts';
import { clientWires, load, type ClientWire, type Outcome } from '../rigs/load.ts';
import { removeServer } from '../rigs/removeServer.ts';
import { clientKey, openRivals, rivalOf, type ApartEndpoint, type Rivals } from '../rigs/rivals.ts';
import { startServer, type Server } from '../rigs/startServer.ts';

const seed = seedOf('evilVendors.ci');

/** Small enough for what has no end to end soon, and long enough for a vendor that is well on a machine that has much to do. */
const limits = { firstByteMs: 1_500, idleMs: 1_500, answerBytes: 2_000_000 };

/** One of each wire. */
const vendorNames = ['aurora', 'borealis'] as const;

/** Links that fail before any content; and links that fail wherever it may be, or are only slow. */
const early: Readonly<Record<string, LinkFault>> = {
  refuses: { kind: 'refuse' },
  hangs: { kind: 'hang' },
  'loses requests': { kind: 'partition', lost: 'to-vendor' },
  'loses answers': { kind: 'partition', lost: 'to-client' },
  'is far too late': { kind: 'delay', ms: 30_000 },
  dribbles: { kind: 'dribble', bytesPerSecond: 20 },
  'resets in the head': { kind: 'cut', by: 'rst', at: { bytes: 20 } },
  'ends in the head': { kind: 'cut', by: 'fin', at: { bytes: 20 } },
  'half-closes in the head': { kind: 'half-close', at: { bytes: 20 } },
};
const anywhere: Readonly<Record<string, LinkFault>> = {
  'is late': { kind: 'delay', ms: 50 },
  'is slow': { kind: 'dribble', bytesPerSecond: 40_000 },
  'resets behind the head': { kind: 'cut', by: 'rst', at: { bytes: 500 } },
  'ends behind the head': { kind: 'cut', by: 'fin', at: { bytes: 500 } },
  'resets behind an event': { kind: 'cut', by: 'rst', at: { events: 3 } },
  'ends behind an event': { kind: 'cut', by: 'fin', at: { events: 3 } },
  'resets inside an event': { kind: 'cut', by: 'rst', at: { events: 3, plusBytes: 9 } },
  'ends inside an event': { kind: 'cut', by: 'fin', at: { events: 3, plusBytes: 9 } },
  'half-closes behind an event': { kind: 'half-close', at: { events: 4 } },
};

interface Kind {
  /** Of the provider. */
  readonly name: string;
  readonly vendor: string;
  /** What is wrong, in words. */
  readonly what: string;
  /** Whether that can be after content. */
  readonly late: boolean;
}

/** A gateway with the clients that it has. */
interface Side {
  readonly server: Server;
  readonly wire: ClientWire;
  readonly stream: boolean;
}

let rivals: Rivals;
let evil: EvilVendor;
const proxies = new Map<string, FaultProxy>();
const kinds: Kind[] = [];
const apart: ApartEndpoint[] = [];
const breaks: Kind[] = [];
let sides: readonly Side[] = [];
/** A gateway that tries once. */
let alone: Server | null = null;

const at = (name: string, vendor: string, url: string): void => {
  apart.push({ name, vendor: { ...rivals.vendor(vendor), url } });
};

const start = (more: Readonly<Record<string, number>> = {}): Promise<Server> =>
  startServer({ configuration: rivals.configuration({ apart, limits: { ...limits, ...more } }), env: rivals.env });

beforeAll(async () => {
  rivals = await openRivals({ seed, latencyMs: 2 });
  evil = await EvilVendor.open();
  for (const vendor of vendorNames) {
    for (const [index, what] of evilNames.entries()) {
      at(`evil-${vendor}-${index}`, vendor, evil.url(what));
      if (!answersFirst.has(what)) kinds.push({ name: `evil-${vendor}-${index}`, vendor, what, late: false });
    }
    for (const [index, what] of streamBreakNames.entries()) {
      at(`break-${vendor}-${index}`, vendor, evil.breakUrl(what));
      breaks.push({ name: `break-${vendor}-${index}`, vendor, what, late: true });
    }
    for (const [index, [what, fault]] of Object.entries({ ...early, ...anywhere }).entries()) {
      const name = `link-${vendor}-${index}`;
      const proxy = await FaultProxy.open(rivals.vendor(vendor).url, fault);
      proxies.set(name, proxy);
      at(name, vendor, proxy.url);
      kinds.push({ name, vendor, what, late: what in anywhere });
    }
  }
  const aloneStarts = start({ attempts: 1 });
  sides = await Promise.all(
    clientWires.flatMap((wire) => [false, true].map(async (stream) => ({ server: await start(), wire, stream }))),
  );
  alone = await aloneStarts;
});

afterAll(async () => {
  await Promise.all([...sides.map(({ server }) => server), ...(alone === null ? [] : [alone])].map(removeServer));
  await Promise.all([...proxies.values()].map((proxy) => proxy[Symbol.asyncDispose]()));
  await evil[Symbol.asyncDispose]();
  await rivals.close();
});

/** Asks each kind once, some at a time. */
const askEach = async ({ server, wire, stream }: Side, asked: readonly Kind[]) => {
  const outcomes = new Map<Kind, Outcome>();
  const waiting = [...asked];
  const work = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
      const model = `${kind.name}-first`;
      const { name } = kind;
      const streamShare = stream ? 1 : 0;
      const once = {
        url: server.url,
        key: clientKey,
        wire,
        model,
        requests: 1,
        concurrency: 1,
        seed,
        name,
        streamShare,
      };
      const [outcome] = await load(once);
      outcomes.set(kind, outcome!);
    }
  };
  await Promise.all(Array.from({ length: 12 }, work));
  return outcomes;
};

/** Whether a break was told by the protocol's own error. */
const isTold = ({ fault, status }: Outcome): boolean => status === 200 && fault?.startsWith(inBandError) === true;

const wrongIn = (outcomes: ReadonlyMap<Kind, Outcome>, { stream }: Side): readonly Outcome[] =>
  [...outcomes]
    .filter(([kind, outcome]) => outcome.fault !== null && !(kind.late && stream && isTold(outcome)))
    .map(([, outcome]) => outcome);

describe('a vendor that is well hides', () => {
  test('every evil of its rivals and every fault of their networks before the first content, and what breaks after it is told [G5]', async () => {
    let late = 0;
    let told = 0;
    await Promise.all(
      sides.map(async (side) => {
        const outcomes = await askEach(side, kinds);
        told += [...outcomes.values()].filter(isTold).length;
        const wrong = wrongIn(outcomes, side);
        if (wrong.length > 0) await new AdminPlane(side.server).drain();
        const ours = await wrongByOurs(side.server, wrong, new Set(vendorNames.map(rivalOf)));
        late += wrong.length - ours.length;
        await expectNoFault(side.server, ours, seed);
        const byTheEvil = [...outcomes].filter(
          ([kind, { target }]) => !kind.late && target?.startsWith(`${kind.name}/`),
        );
        expect(byTheEvil).toEqual([]);
      }),
    );
    const requests = kinds.length * sides.length;
    process.stderr.write(`${JSON.stringify({ kinds: kinds.length, requests, told, late, seed })}\n`);
    expect(late / requests).toBeLessThan(0.02);
    for (const what of evilNames.filter((name) => !answersFirst.has(name))) {
      expect(evil.done.get(what), what).toBeGreaterThanOrEqual(sides.length * vendorNames.length);
    }
    for (const { name, what } of kinds) {
      const proxy = proxies.get(name);
      if (proxy !== undefined && what !== 'refuses') expect(proxy.struck, what).toBeGreaterThan(0);
    }
  });

  test('nothing of a stream that breaks after its content: each is told, none ends as if it were whole [G5]', async () => {
    for (const side of sides.filter(({ stream }) => stream)) {
      const outcomes = await askEach(side, breaks);
      for (const [{ what, vendor }, outcome] of outcomes) {
        expect(isTold(outcome), `${side.wire} from ${vendor}, ${what}: ${outcome.fault}`).toBe(true);
      }
    }
  });

  test('and the books are right after all that', async () => {
    for (const { server } of sides) expect(await new AdminPlane(server).ledgerFaults()).toEqual([]);
  });
});

/** Resident memory of a process. Bytes. */
const residentBytes = ({ pid }: Server): number =>
  Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1_024;

test('a gateway stays as large as it was while bombs go off in it [A36]', async () => {
  const [side] = sides;
  const bombs = kinds.filter(({ what }) => what.endsWith(' bomb'));
  const { server } = side!;
  const done = (): number => bombs.reduce((sum, { what }) => sum + (evil.done.get(what) ?? 0), 0);
  const before = { bytes: residentBytes(server), done: done() };
  // Twice at most, so that none of them is out by now.
  for (const _round of [1, 2]) wrongIn(await askEach(side!, bombs), side!);
  expect(done()).toBeGreaterThan(before.done);
  const grownBytes = residentBytes(server) - before.bytes;
  process.stderr.write(`${JSON.stringify({ bombs: bombs.length * 2, grownBytes, seed })}\n`);
  // One of them becomes 64 MB.
  expect(grownBytes).toBeLessThan(67_108_864);
});

test('without a second attempt each of them is seen', async () => {
  const early = kinds.filter(({ late }) => !late);
  const outcomes = await askEach({ server: alone!, wire: 'openai', stream: true }, early);
  const unseen = [...outcomes].filter(([, { fault }]) => fault === null).map(([{ what, vendor }]) => [vendor, what]);
  expect(unseen).toEqual([]);
});

const askAs = async ({ server, wire, stream }: Side, model: string, caller: number): Promise<void> => {
  const content = `caller-${caller}`;
  const answer = await fetch(`${server.url}${wire === 'openai' ? '/v1/chat/completions' : '/v1/messages'}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${clientKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content }], max_tokens: 50 }),
  });
  const text = await answer.text();
  expect([answer.status, text.includes(`to ${content}"`), text.includes('-twice')], text).toEqual([200, true, false]);
};

describe.each([
  ['two answers', 5],
  // What comes later comes on a connection that lies idle: where a request is under way on it, nobody can tell it from the answer to that.
  ['an answer later', 1],
] as const)('%s', (what, atOnce) => {
  test('is never the answer to the next caller [A9]', async () => {
    let asked = 0;
    for (const side of sides) {
      const vendor = side.wire === 'openai' ? 'aurora' : 'borealis';
      const model = `evil-${vendor}-${evilNames.indexOf(what)}-first`;
      for (let round = 0; round < 5; round += 1) {
        await Promise.all(Array.from({ length: atOnce }, () => askAs(side, model, (asked += 1))));
        await evil.quiet();
      }
    }
    expect(evil.done.get(what)).toBe(asked);
  });
});
