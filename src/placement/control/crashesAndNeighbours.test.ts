import { existsSync, mkdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { JobController } from './JobController.ts';
import { TestController } from './openTestController.fixture.ts';

const words = (evidence: readonly { readonly what: string }[]): readonly string[] => evidence.map(({ what }) => what);

describe('what is to end', () => {
  test('is told so only once that is written down: who takes over must not take its end for a success', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.store.fails = true;
    await expect(open.controller.askStop(id, 'by ops')).rejects.toThrow('the database is away');
    await open.rounds(5);
    expect(open.executor.on('north').terminated).toBe(false);
    open.store.fails = false;
    await open.rounds(4);
    expect(await open.job(id)).toMatchObject({ state: 'cancelled' });
  });

  test('is not told as cancelled by silence, even where a rank was lost before', async () => {
    using open = new TestController();
    const id = await open.submit({ ranks: 2 });
    await open.rounds(3);
    open.executor.obedient = false;
    open.executor.exit('north', 137, 1);
    await open.rounds(2);
    open.executor.unreachable.add('north');
    await open.controller.askStop(id, 'by ops');
    await open.rounds(100);
    expect(await open.job(id)).toMatchObject({ state: 'stopping' });
  });

  test('and has ended well before its site fell silent is shown under its name', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    const cancel = open.executor.cancel.bind(open.executor);
    open.executor.cancel = () => Promise.resolve(false);
    open.executor.exit('north', 0);
    await open.rounds(2);
    open.executor.unreachable.add('north');
    await open.rounds(70);
    open.executor.cancel = cancel;
    expect(await open.job(id)).toMatchObject({ state: 'succeeded' });
    expect(readlinkSync(join(open.folder, 'store/own-small/current'))).toBe(`attempt-${id}-1`);
    // Its end was seen: nothing about its last piece is uncertain.
    expect(open.booked.every(({ piece }) => piece.certainUntilMs === piece.untilMs)).toBe(true);
  });

  test('is not kept from its end for ever by a name that cannot be given', async () => {
    using open = new TestController();
    mkdirSync(join(open.folder, 'store/own-small/current/in-the-way'), { recursive: true });
    const id = await open.submit();
    await open.rounds(3);
    open.executor.exit('north', 0);
    await open.rounds(15);
    const job = await open.job(id);
    expect(job.state).toBe('succeeded');
    expect(words(job.attempts[0]?.evidence ?? [])).toContain('not_published');
  });
});

describe('a job that nobody here looks after', () => {
  test('is not ended for it, but looked after again', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    const openJobs = open.store.open.bind(open.store);
    open.store.open = () => Promise.resolve([]);
    open.controller = new JobController(open.ports);
    await open.controller.load();
    await open.rounds(3);
    expect(open.executor.held.size).toBe(1);
    open.store.open = openJobs;
    await open.rounds(8);
    open.executor.exit('north', 0);
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({ state: 'succeeded' });
  });

  test('since its document is damaged keeps no other from being looked after, and is not ended either', async () => {
    using open = new TestController();
    const damaged = await open.submit();
    await open.rounds(3);
    const text = open.store.documents.get(damaged) ?? '';
    open.store.documents.set(damaged, text.replace('"ranks"', '"ranks"').replace('"command"', '"comand"'));
    const sound = await open.submit();
    await open.restart();
    await open.rounds(8);
    expect(await open.job(sound)).toMatchObject({ state: 'running' });
    expect(open.executor.held.size).toBe(2);
  });

  test('since another machine runs it is not begun anew before its lease is over', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.executor.identity = 'another machine';
    open.executor.held.clear();
    await open.restart();
    await open.rounds(50);
    expect(await open.job(id)).toMatchObject({ state: 'unreachable' });
    expect(open.executor.submissions).toHaveLength(1);
  });
});

describe('a job that waits', () => {
  test('past its deadline has failed, and says so', async () => {
    using open = new TestController();
    open.offers = open.offers.filter(({ site }) => site === 'north');
    await open.submit();
    await open.submit();
    const id = await open.submit({ deadline: new Date(open.nowMs + 7_200_000).toISOString() });
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({ state: 'queued' });
    open.nowMs += 7_200_000;
    await open.rounds(3);
    const job = await open.job(id);
    expect(job.state).toBe('failed');
    expect(job.evidence.at(-1)?.detail).toBe('its deadline is past');
  });

  test('is not decided about again and again while nothing changes', async () => {
    using open = new TestController();
    open.offers = open.offers.filter(({ site }) => site === 'north');
    for (let time = 0; time < 3; time++) await open.submit();
    await open.rounds(2);
    let asked = 0;
    const offers = open.ports.market.offers.bind(open.ports.market);
    open.ports.market.offers = (nowMs, inUse) => {
      asked++;
      return offers(nowMs, inUse);
    };
    for (let time = 0; time < 20; time++) await open.controller.tick();
    expect(asked).toBeLessThanOrEqual(1);
    open.nowMs += 2_000;
    await open.controller.tick();
    expect(asked).toBeGreaterThan(0);
  });
});

test('the fee of a slot, owed whoever uses it, stops no job', async () => {
  using open = new TestController();
  const priceOf = open.ports.market.priceOf.bind(open.ports.market);
  open.ports.market.priceOf = (offer, nowMs) => {
    const price = priceOf(offer, nowMs);
    return price && { ...price, hourNanoUsd: '30000000000' };
  };
  const id = await open.submit({ maxCostUsd: '1', hours: '10' });
  await open.rounds(3);
  open.nowMs += 3_600_000;
  await open.rounds(3);
  expect(await open.job(id)).toMatchObject({ state: 'running', attempts: [{ basis: 'slot' }] });
});

describe('servers', () => {
  const serving = { kind: 'serve', checkpoint: undefined, serve: { model: 'own-small' } };

  test('of one name at one site are told apart', async () => {
    using open = new TestController();
    const ids = [await open.submit(serving), await open.submit(serving)];
    await open.rounds(2);
    [...open.executor.held.values()].forEach((held, index) => {
      const port = 8_001 + index;
      const heartbeat = { atMs: open.nowMs, step: null, checkpoint: null, checkpointAtMs: null, port, metrics: {} };
      held.ranks = held.ranks.map((rank) => ({ ...rank, heartbeat }));
      open.answering.add(`http://127.0.0.1:${port}/healthz`);
    });
    await open.rounds(3);
    const names = open.controller.serving().map(({ provider }) => provider);
    expect(names).toEqual(['north.own-small', `north.own-small-${ids[1]?.slice(-6)}`]);
  });

  test('get no more requests from the notice on that their capacity is taken away', async () => {
    using open = new TestController();
    await open.submit(serving);
    await open.rounds(2);
    open.executor.beat('north', { port: 8_001 });
    open.answering.add('http://127.0.0.1:8001/healthz');
    await open.rounds(2);
    expect(open.controller.serving()).toHaveLength(1);
    open.executor.on('north').preempted = true;
    await open.rounds(3);
    expect(open.controller.serving()).toEqual([]);
  });
});

test('more ranks than any site takes are refused at once', async () => {
  using open = new TestController();
  const answer = await open.trySubmit({ ranks: 65, accelerators: { anyOf: [{ kind: 'GB200', perRank: 1 }] } });
  expect(answer).toEqual({
    ok: false,
    fault: {
      kind: 'unsatisfiable',
      message: 'no site here runs more than 64 ranks of one job',
      mend: 'ask for ranks: 64 or fewer',
    },
  });
  expect(existsSync(join(open.folder, 'store'))).toBe(false);
});

test('a clock that jumps makes nobody pay for a time before the placement, nor for a piece of a time to come', async () => {
  using open = new TestController();
  const id = await open.submit();
  await open.rounds(2);
  const held = open.executor.on('north');
  open.executor.held.clear();
  open.executor.held.set(`north ${id} 1`, { ...held, billableSinceMs: 0 });
  await open.restart();
  await open.rounds(3);
  const job = await open.job(id);
  expect(job.attempts[0]?.billableSinceMs).toBeGreaterThanOrEqual(job.attempts[0]?.placedAtMs ?? Infinity);
});

test('an attempt that is written down is handed over by nobody who lost the right to run jobs meanwhile', async () => {
  using open = new TestController();
  open.mayAct = false;
  const id = await open.submit();
  await open.rounds(3);
  expect(open.executor.held.size).toBe(0);
  expect(await open.live(id)).toMatchObject({ number: 1, state: 'placed' });
  open.mayAct = true;
  await open.restart();
  await open.rounds(3);
  expect(open.executor.held.size).toBe(1);
  expect(await open.live(id)).toMatchObject({ number: 1, state: 'running' });
});

test('an attempt that another machine wrote down, and may have handed over, is not handed over a second time: its lease runs out', async () => {
  using open = new TestController();
  open.offers = open.offers.filter(({ site }) => site === 'north');
  open.mayAct = false;
  const id = await open.submit();
  await open.rounds(3);
  open.mayAct = true;
  open.executor.identity = 'another machine';
  await open.restart();
  await open.rounds(3);
  expect(open.executor.held.size).toBe(0);
  expect(await open.live(id)).toMatchObject({ number: 1, state: 'unreachable' });
  await open.rounds(70);
  expect(await open.live(id)).toMatchObject({ number: 2, state: 'running' });
  const [first, second] = (await open.job(id)).attempts;
  expect(first).toMatchObject({ state: 'lost', fenced: true });
  // Nothing speaks against the site: the next attempt is placed there as soon as it is heard of.
  expect(second!.placedAtMs - first!.endedAtMs!).toBeLessThanOrEqual(6_000);
});
