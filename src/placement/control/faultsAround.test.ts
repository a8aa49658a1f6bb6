// What goes wrong around the loop, and must not go wrong in it: answers of the database that are lost, folders that are not as they should be.
import { mkdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TestController } from './openTestController.fixture.ts';

/** Has the database take the next job, and its answer get lost. */
const loseNextAnswer = ({ store }: TestController): void => {
  const insert = store.insert.bind(store);
  store.insert = async (...sent) => {
    store.insert = insert;
    await insert(...sent);
    throw new Error('the connection is gone');
  };
};

/** Has another one change a job in the database, as an update does whose answer was lost. */
const changeBehindItsBack = ({ store }: TestController, id: string): void => {
  const document = JSON.parse(store.documents.get(id) ?? '');
  store.documents.set(id, JSON.stringify({ ...document, version: document.version + 1 }));
};

const onlyId = ({ store }: TestController): string => {
  const [id, ...more] = [...store.documents.keys()];
  if (id === undefined || more.length > 0) throw new Error(`the database has ${store.documents.size} jobs`);
  return id;
};

describe('a job whose acceptance was never answered', () => {
  test('is run once it is sent again under its key', async () => {
    using open = new TestController();
    loseNextAnswer(open);
    await expect(open.trySubmit({}, 'key', 'one')).rejects.toThrow('the connection is gone');
    const again = await open.trySubmit({}, 'key', 'one');
    expect(again).toMatchObject({ ok: true, value: { id: onlyId(open) } });
    await open.rounds(3);
    expect(await open.job(onlyId(open))).toMatchObject({ state: 'running' });
    expect(open.executor.submissions).toHaveLength(1);
  });

  test('is run although nobody sends it again, for the database has it', async () => {
    using open = new TestController();
    loseNextAnswer(open);
    await expect(open.trySubmit()).rejects.toThrow('the connection is gone');
    await open.rounds(3);
    expect(await open.job(onlyId(open))).toMatchObject({ state: 'running' });
  });

  test('can be cancelled before it is looked after', async () => {
    using open = new TestController();
    loseNextAnswer(open);
    await expect(open.trySubmit()).rejects.toThrow('the connection is gone');
    const id = onlyId(open);
    expect(await open.controller.askStop(id, 'by ops')).toMatchObject({ state: 'cancelled' });
    await open.rounds(3);
    expect(await open.store.read(id)).toMatchObject({ state: 'cancelled' });
    expect(open.executor.submissions).toEqual([]);
  });
});

test('a job that is sent again is told as it stands now, not as it was kept last', async () => {
  using open = new TestController();
  await open.trySubmit({}, 'key', 'one');
  await open.rounds(3);
  open.executor.beat('north', { step: 9 });
  await open.rounds();
  expect(await open.trySubmit({}, 'key', 'one')).toMatchObject({
    ok: true,
    value: { state: 'running', attempts: [{ step: 9 }] },
  });
});

describe('a stop that is asked for', () => {
  test('is not forgotten where the job was changed by somebody else', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    changeBehindItsBack(open, id);
    expect(await open.controller.askStop(id, 'by ops')).toMatchObject({ state: 'stopping', stop: { why: 'by ops' } });
    await open.rounds(5);
    expect(await open.store.read(id)).toMatchObject({ state: 'cancelled' });
    expect(open.executor.held.size).toBe(0);
  });

  test('of a job that has ended changes nothing', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    open.executor.exit('north', 0);
    await open.rounds(5);
    const before = open.store.documents.get(id);
    expect(await open.controller.askStop(id, 'by ops')).toMatchObject({ state: 'succeeded', stop: null });
    expect(open.store.documents.get(id)).toBe(before);
  });
});

describe('a site', () => {
  test('that refuses a job for what is written in it stays open for others', async () => {
    using open = new TestController();
    open.executor.faults.set('north', { class: 'invalid', message: 'there is no such folder' });
    const wrong = await open.submit({ directory: '/gone' });
    await open.rounds();
    expect(await open.job(wrong)).toMatchObject({ state: 'failed', attempts: [] });
    open.executor.faults.clear();
    const right = await open.submit();
    await open.rounds(2);
    expect(await open.job(right)).toMatchObject({ attempts: [{ site: 'north' }] });
  });

  test('that has no room just now is left alone for a while, as ever', async () => {
    using open = new TestController();
    open.executor.faults.set('north', { class: 'capacity', message: 'full' });
    const id = await open.submit();
    await open.rounds(3);
    open.executor.faults.clear();
    expect(await open.job(id)).toMatchObject({ attempts: [{ site: 'south' }] });
  });
});

describe('a folder of checkpoints', () => {
  test('that cannot be made where a file lies fails its own job, says why, and holds nobody else up', async () => {
    using open = new TestController();
    mkdirSync(join(open.folder, 'store'), { recursive: true });
    writeFileSync(join(open.folder, 'store/a-file'), '');
    const wrong = await open.submit({ checkpoint: { uri: 'store:a-file' } });
    const right = await open.submit();
    await open.rounds(2);
    const failed = await open.job(wrong);
    expect(failed).toMatchObject({ state: 'failed', attempts: [] });
    expect(failed.evidence.at(-1)?.detail).toContain('a-file');
    expect(await open.job(right)).toMatchObject({ state: 'running', attempts: [{ site: 'north' }] });
  });

  test('that its job has removed keeps it from succeeding no more than from ending', async () => {
    using open = new TestController();
    const id = await open.submit();
    await open.rounds(3);
    rmSync(join(open.folder, 'store/own-small'), { recursive: true });
    open.executor.exit('north', 0);
    await open.rounds(3);
    expect(await open.job(id)).toMatchObject({ state: 'succeeded' });
    expect(readlinkSync(join(open.folder, 'store/own-small/current'))).toBe(`attempt-${id}-1`);
  });
});
