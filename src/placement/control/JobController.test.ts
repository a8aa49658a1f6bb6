import { mkdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TestController } from './openTestController.fixture.ts';

const words = (evidence: readonly { readonly what: string }[]): readonly string[] => evidence.map(({ what }) => what);

describe('a job', () => {
  test('runs where capacity is paid for already, is counted to its last second and succeeds', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({
      state: 'running',
      attempts: [{ site: 'north', basis: 'slot', accelerators: 4 }],
    });
    await open.rounds(21);
    open.executor.exit('north', 0);
    const endedAtMs = open.nowMs;
    await open.rounds(2);
    const job = await open.job(id);
    expect(job).toMatchObject({ state: 'succeeded', attempts: [{ state: 'succeeded', endedAtMs, lostSeconds: 0 }] });
    expect(open.executor.held.size).toBe(0);
    const pieces = open.booked.map(({ piece }) => piece);
    const begin = job.attempts[0]?.billableSinceMs ?? 0;
    // The tens of seconds of the clock, and its two ends.
    const cuts = [10_000, 20_000, 30_000].map((ms) => Math.floor(begin / 10_000) * 10_000 + ms);
    const edges = [begin, ...cuts.filter((ms) => ms < endedAtMs), endedAtMs];
    expect(pieces.map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual(
      edges.slice(1).map((untilMs, index) => [edges[index], untilMs]),
    );
    expect(job.attempts[0]?.acceleratorSeconds).toBe(((endedAtMs - begin) / 1_000) * 4);
  });

  test('is told where its checkpoints go, where it goes on from and where its data lies', async () => {
    using open = new TestController();
    mkdirSync(join(open.folder, 'store/corpus/v1'), { recursive: true });
    const id = await open.submit({
      environment: { SEED: '1' },
      data: [
        { name: 'corpus', uri: 'store:corpus/v1' },
        { name: 'far', uri: 's3://bucket/x' },
      ],
    });
    await open.rounds(2);
    const store = join(open.folder, 'store');
    expect(open.executor.on('north').submission.environment).toEqual({
      SEED: '1',
      ARCHIPEL_CHECKPOINT: `${store}/own-small/attempt-${id}-1`,
      ARCHIPEL_DATA_CORPUS: `${store}/corpus/v1`,
      ARCHIPEL_DATA_FAR: 's3://bucket/x',
    });
    open.executor.beat('north', { step: 120, checkpoint: 'step-120.json', checkpointAtMs: open.nowMs });
    await open.rounds();
    open.executor.lose('north');
    open.executor.faults.set('north', { class: 'capacity', message: 'down' });
    await open.rounds(4);
    expect(open.executor.on('south').submission.environment).toMatchObject({
      ARCHIPEL_CHECKPOINT: `${store}/own-small/attempt-${id}-2`,
      ARCHIPEL_RESUME_FROM: `${store}/own-small/attempt-${id}-1/step-120.json`,
    });
  });

  test('that lost its site goes on elsewhere, and what was lost is told in seconds and dollars', async () => {
    using open = new TestController();
    open.offers = open.offers.map((offer) => ({
      ...offer,
      basis: 'onDemand',
      contract: null,
      hourUsd: offer.hourUsd === 0 ? 2 : 3,
    }));
    const id = await open.submit();
    await open.rounds(3);
    open.executor.beat('north', { checkpoint: 'a', checkpointAtMs: open.nowMs - 500 });
    await open.rounds(10);
    open.executor.lose('north');
    open.executor.faults.set('north', { class: 'capacity', message: 'down' });
    await open.rounds(5);
    const job = await open.job(id);
    expect(job.state).toBe('running');
    const [first, second] = job.attempts;
    expect(first).toMatchObject({ state: 'lost', site: 'north', lostSeconds: 10.5 });
    // 4 accelerators at 3 dollars an hour for 10.5 seconds.
    expect(first?.lostNanoUsd).toBe('35000000');
    expect(second).toMatchObject({ state: 'running', site: 'south' });
    expect(words(job.evidence)).toContain('refused_capacity');
  });

  test('whose site cannot be reached is left alone until its lease is over, and only then begun elsewhere [G10]', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.executor.unreachable.add('north');
    await open.rounds(60);
    expect(await open.job(id)).toMatchObject({ state: 'unreachable' });
    expect(open.executor.submissions).toHaveLength(1);
    await open.rounds(5);
    const job = await open.job(id);
    expect(job.attempts.map(({ site, state }) => [site, state])).toEqual([
      ['north', 'lost'],
      ['south', 'running'],
    ]);
    expect(job.attempts[0]?.fenced).toBe(true);
    // The zombie writes where nobody reads, and is ended once its site answers.
    open.executor.unreachable.delete('north');
    await open.rounds(6);
    expect([...open.executor.held.values()].map(({ submission }) => submission.site)).toEqual(['south']);
  });

  test('whose site answers again within its lease was never disturbed', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.executor.unreachable.add('north');
    await open.rounds(50);
    open.executor.unreachable.delete('north');
    await open.rounds(2);
    open.executor.unreachable.add('north');
    await open.rounds(50);
    open.executor.unreachable.delete('north');
    await open.rounds(2);
    const job = await open.job(id);
    expect(job).toMatchObject({ state: 'running', attempts: [{ site: 'north', state: 'running' }] });
    expect(open.executor.submissions).toHaveLength(1);
    expect(words(job.attempts[0]?.evidence ?? [])).toEqual(
      expect.arrayContaining(['site_unreachable', 'site_answers']),
    );
  });

  test('whose program fails has failed; one that was killed by nobody of us goes on', async () => {
    using open = new TestController();
    const failing = await open.submit();
    await open.rounds(3);
    open.executor.exit('north', 1);
    await open.rounds(2);
    expect(await open.job(failing)).toMatchObject({ state: 'failed', attempts: [{ state: 'failed' }] });
    const killed = await open.submit();
    await open.rounds(3);
    open.executor.exit('north', 137);
    await open.rounds(4);
    expect(await open.job(killed)).toMatchObject({
      state: 'running',
      attempts: [{ state: 'lost' }, { state: 'running' }],
    });
  });

  test('that loses one rank of its gang is ended whole before it begins anew', async () => {
    using open = new TestController();
    const id = await open.submit({ ranks: 2 });
    await open.rounds(3);
    open.executor.exit('north', 137, 1);
    await open.rounds(1);
    expect(await open.job(id)).toMatchObject({ state: 'stopping', attempts: [{ ending: 'lost' }] });
    await open.rounds(4);
    expect(await open.job(id)).toMatchObject({ state: 'running', attempts: [{ state: 'lost' }, { number: 2 }] });
    expect(open.executor.held.size).toBe(1);
  });

  test('that is lost again and again has failed at the most placements it may have, with the evidence', async () => {
    using open = new TestController();
    const id = await open.submit({ attempts: 3 });
    for (let time = 0; time < 3; time++) {
      await open.rounds(3);
      open.executor.lose('north');
    }
    await open.rounds(3);
    const job = await open.job(id);
    expect(job.state).toBe('failed');
    expect(job.attempts).toHaveLength(3);
    expect(job.evidence.at(-1)?.detail).toContain('placed 3 times');
  });

  test('that costs the most it may is stopped', async () => {
    using open = new TestController();
    open.offers = open.offers.filter(({ site }) => site === 'south');
    const id = await open.submit({ maxCostUsd: '12.5' });
    await open.rounds(3);
    open.nowMs += 3_700_000;
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({ state: 'running' });
    open.nowMs += 60_000;
    await open.rounds(4);
    expect(await open.job(id)).toMatchObject({ state: 'cancelled', stop: { why: 'it has cost the most that it may' } });
  });

  test('leaves a slot when it ends, and goes on with what its notice saved', async () => {
    using open = new TestController();
    const untilMs = open.nowMs + 3_700_000;
    open.offers = open.offers.map((offer) => (offer.basis === 'slot' ? { ...offer, untilMs } : offer));
    const id = await open.submit();
    await open.rounds(3);
    expect(await open.live(id)).toMatchObject({ site: 'north' });
    open.nowMs = untilMs;
    open.offers = open.offers.filter(({ site }) => site === 'south');
    await open.rounds(5);
    expect(await open.job(id)).toMatchObject({
      state: 'running',
      attempts: [{ state: 'preempted' }, { site: 'south' }],
    });
  });

  test('that succeeded shows what it made under current, and nothing of its other attempts', async () => {
    using open = new TestController();
    const id = await open.submit();
    const base = join(open.folder, 'store/own-small');
    mkdirSync(join(base, 'attempt-of-another'), { recursive: true });
    await open.rounds(3);
    writeFileSync(join(base, `attempt-${id}-1/a`), '');
    open.executor.exit('north', 137);
    await open.rounds(4);
    writeFileSync(join(base, `attempt-${id}-2/model.json`), '{}');
    open.executor.exit('north', 0);
    await open.rounds(2);
    expect(readlinkSync(join(base, 'current'))).toBe(`attempt-${id}-2`);
    const { readdirSync } = await import('node:fs');
    expect(readdirSync(base).toSorted()).toEqual([`attempt-${id}-2`, 'attempt-of-another', 'current'].toSorted());
  });
});

test('a job whose data another one is still making waits for it, and says so once', async () => {
  using open = new TestController();
  const id = await open.submit({ data: [{ name: 'model', uri: 'store:own/current' }] });
  await open.rounds(5);
  const job = await open.job(id);
  expect(job.state).toBe('queued');
  expect(words(job.evidence)).toEqual(['submitted', 'lacks_data']);
  mkdirSync(join(open.folder, 'store/own/current'), { recursive: true });
  await open.rounds(3);
  expect(await open.job(id)).toMatchObject({ state: 'running' });
});

describe('an end that was asked for', () => {
  test('of a job that waits is at once', async () => {
    using open = new TestController();
    const id = await open.submit();
    expect(await open.controller.askStop(id, 'by ops')).toMatchObject({ state: 'cancelled' });
    await open.rounds(3);
    expect(open.executor.submissions).toEqual([]);
  });

  test('is told as cancelled only once the executor lists nothing', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.executor.unreachable.add('north');
    await open.controller.askStop(id, 'by ops');
    await open.rounds(100);
    expect(await open.job(id)).toMatchObject({ state: 'stopping' });
    open.executor.unreachable.delete('north');
    await open.rounds(4);
    expect(await open.job(id)).toMatchObject({ state: 'cancelled', attempts: [{ state: 'cancelled' }] });
    expect(open.executor.held.size).toBe(0);
  });

  test('of what does not obey comes after its grace', async () => {
    using open = new TestController();
    open.executor.obedient = false;
    const id = await open.submit({ graceSeconds: 10 });
    await open.rounds(3);
    await open.controller.askStop(id, 'by ops');
    await open.rounds(12);
    expect(await open.job(id)).toMatchObject({ state: 'stopping' });
    await open.rounds(10);
    expect(await open.job(id)).toMatchObject({ state: 'cancelled' });
  });
});

describe('a server', () => {
  const serving = { kind: 'serve', checkpoint: undefined, serve: { model: 'own-small', drainSeconds: 5 } };
  const url = 'http://127.0.0.1:8001/healthz';

  const serve = async (open: TestController): Promise<string> => {
    const id = await open.submit(serving);
    await open.rounds(2);
    open.executor.beat('north', { port: 8_001 });
    await open.rounds(2);
    expect(await open.job(id)).toMatchObject({ state: 'running' });
    expect(open.controller.serving()).toEqual([]);
    open.answering.add(url);
    await open.rounds(1);
    return id;
  };

  test('gets requests once its readiness probe passes, and none when it is lost', async () => {
    using open = new TestController();
    const id = await serve(open);
    expect(await open.job(id)).toMatchObject({ state: 'serving' });
    expect(open.controller.serving()).toMatchObject([
      { origin: 'http://127.0.0.1:8001', serve: { model: 'own-small' } },
    ]);
    expect(open.servedChanges).toBe(1);
    open.executor.lose('north');
    await open.rounds(1);
    expect(open.controller.serving()).toEqual([]);
    expect(open.servedChanges).toBe(2);
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({ attempts: [{ state: 'lost', lostSeconds: 0 }, { state: 'running' }] });
  });

  test('that misses one probe keeps its requests; one that misses two gets none', async () => {
    using open = new TestController();
    const id = await serve(open);
    open.answering.clear();
    await open.rounds(1);
    expect(await open.job(id)).toMatchObject({ state: 'serving' });
    await open.rounds(1);
    expect(await open.job(id)).toMatchObject({ state: 'running' });
    expect(open.controller.serving()).toEqual([]);
  });

  test('whose site is silent goes on serving as long as it answers where requests go', async () => {
    using open = new TestController();
    const id = await serve(open);
    open.executor.unreachable.add('north');
    await open.rounds(5);
    expect(await open.job(id)).toMatchObject({ state: 'unreachable' });
    expect(open.controller.serving()).toHaveLength(1);
  });

  test('gets no more requests for as long as it drains before it is stopped', async () => {
    using open = new TestController();
    const id = await serve(open);
    await open.controller.askStop(id, 'by ops');
    await open.rounds(4);
    expect(open.controller.serving()).toEqual([]);
    expect(open.executor.on('north').terminated).toBe(false);
    await open.rounds(5);
    expect(await open.job(id)).toMatchObject({ state: 'cancelled' });
  });

  test('that ends by itself is begun anew', async () => {
    using open = new TestController();
    const id = await serve(open);
    open.executor.exit('north', 0);
    await open.rounds(5);
    expect((await open.job(id)).attempts).toMatchObject([{ state: 'lost' }, { state: 'running' }]);
  });
});

describe('a process that ends without a word', () => {
  test('is followed by one that adopts what runs', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(15);
    await open.restart();
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({ state: 'running', attempts: [{ number: 1, state: 'running' }] });
    expect(open.executor.submissions).toHaveLength(1);
    open.executor.exit('north', 0);
    await open.rounds(2);
    expect(await open.job(id)).toMatchObject({ state: 'succeeded' });
  });

  test('between writing down a placement and telling the executor leaves it to be told', async () => {
    using open = new TestController();
    const submit = open.executor.submit.bind(open.executor);
    open.executor.submit = () => Promise.reject(new Error('killed here'));
    const id = await open.submit();
    await open.rounds(1);
    open.executor.submit = submit;
    await open.restart();
    await open.rounds(2);
    expect(await open.job(id)).toMatchObject({ state: 'running', attempts: [{ number: 1 }] });
  });

  test('tells each piece of use again at most as it was', async () => {
    using open = new TestController();
    await open.submit();
    await open.rounds(25);
    const before = open.booked.length;
    open.store.fails = true;
    await open.rounds(10);
    open.store.fails = false;
    await open.restart();
    await open.rounds(3);
    const again = open.booked.slice(before);
    const byStart = Map.groupBy([...open.booked.slice(0, before), ...again], ({ piece }) => piece.fromMs);
    expect([...byStart.values()].every((same) => new Set(same.map(({ piece }) => piece.untilMs)).size === 1)).toBe(
      true,
    );
  });

  test('is not mourned for the time that nobody looked: a lease begins anew', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.executor.unreachable.add('north');
    open.nowMs += 3_600_000;
    await open.restart();
    await open.rounds(5);
    expect(await open.job(id)).toMatchObject({ state: 'unreachable' });
  });
});

describe('a submission', () => {
  test('that nothing can ever satisfy is refused at once with what would have to change', async () => {
    using open = new TestController();
    const answer = await open.trySubmit({ accelerators: { anyOf: [{ kind: 'GB200', perRank: 16 }] } });
    expect(answer).toMatchObject({ ok: false, fault: { kind: 'unsatisfiable' } });
    expect(open.store.documents.size).toBe(0);
  });

  test('that only a site without an executor here could run is refused, too', async () => {
    using open = new TestController();
    const [offer] = open.offers;
    if (offer) open.offers = [...open.offers, { ...offer, site: 'elsewhere', count: 64, free: 64 }];
    const answer = await open.trySubmit({ accelerators: { anyOf: [{ kind: 'GB200', perRank: 16 }] } });
    expect(answer).toMatchObject({ ok: false, fault: { kind: 'unsatisfiable' } });
  });

  test('that is sent again under its key makes no second job; another body under the key is refused', async () => {
    using open = new TestController();
    const first = await open.trySubmit({}, 'key', 'one');
    const second = await open.trySubmit({}, 'key', 'one');
    expect(first.ok && second.ok && first.value.id === second.value.id).toBe(true);
    expect(await open.trySubmit({}, 'key', 'two')).toMatchObject({ ok: false, fault: { kind: 'conflict' } });
    await open.rounds(2);
    expect(open.executor.submissions).toHaveLength(1);
  });

  test('waits in its order where there is no room, and says for what', async () => {
    using open = new TestController();
    open.offers = open.offers.filter(({ site }) => site === 'north');
    const first = await open.submit();
    const second = await open.submit();
    const third = await open.submit();
    await open.rounds(3);
    expect((await open.job(third)).waitingFor).toMatchObject({ chosen: null, refused: { no_room: 1 } });
    expect(await open.job(second)).toMatchObject({ state: 'running' });
    await open.controller.askStop(first, 'by ops');
    await open.rounds(4);
    expect(await open.job(third)).toMatchObject({ state: 'running', waitingFor: null });
  });
});

test('use that cannot be counted keeps an attempt from being closed', async () => {
  using open = new TestController();
  const id = await open.submit();
  await open.rounds(3);
  open.bookingFails = true;
  open.executor.exit('north', 0);
  await open.rounds(5);
  expect(await open.job(id)).toMatchObject({ endedAtMs: null });
  open.bookingFails = false;
  await open.rounds(2);
  expect(await open.job(id)).toMatchObject({ state: 'succeeded' });
});
