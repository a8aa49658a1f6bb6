import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readJob, rereadJob } from './readJob.ts';
import { configurationWith, jobFile } from './testJobs.fixture.ts';

const known = configurationWith({
  models: {
    chat: { deployments: [{ provider: 'a', model: 'large' }] },
    embed: { space: { model: 'embed', dimensions: 8 }, deployments: [{ provider: 'a', model: 'embed' }] },
  },
});

const faultOf = (more: Readonly<Record<string, unknown>>): string => {
  const read = readJob(jobFile(more), known);
  if (read.ok) throw new Error('it was read');
  return read.fault;
};

const serving = (serve: object) => ({ kind: 'serve', serve: { model: 'chat', ...serve } });

describe('a job as it is sent', () => {
  test('is read whole', () => {
    const read = readJob(jobFile({ sites: ['south-1'] }), known);
    expect(read).toMatchObject({
      ok: true,
      value: { name: 'own-small', team: 'research', sites: ['south-1'], attempts: 5, serve: null },
    });
    expect(readJob(jobFile(serving({})), known)).toMatchObject({
      ok: true,
      value: { serve: { model: 'chat', targetModel: 'chat', wire: 'openai', port: null, basePath: '/v1' } },
    });
  });

  test.each([
    ['a team', { team: 'reserch' }, /^team: no team has this name.*research/],
    ['a site', { sites: ['north-1', 'sout-1'] }, /^sites\[1\]: no site has this name.*south-1/],
    ['a model', serving({ model: 'chet' }), /^serve\.model: no model has this name.*chat/],
    ['a wire', serving({ wire: 'opennai' }), /^serve\.wire: no wire has this name.*openai/],
  ])('that names %s which is not there is refused with the nearest one that is', (_what, more, said) => {
    expect(faultOf(more)).toMatch(said);
  });

  test('that names something like nothing there is told what there is', () => {
    expect(faultOf({ team: 'zzzzzz' })).toMatch(/choose one of research$/);
    expect(faultOf({ sites: ['zzzzzz'] })).toMatch(/choose one of north-1, south-1$/);
    const bare = readJob(jobFile({ sites: ['zzzzzz'] }), { ...known, sites: new Map() });
    expect(!bare.ok && bare.fault).toMatch(/define the site in the configuration$/);
  });

  test('starts in an absolute folder: the server stands in another one than who submits', () => {
    for (const directory of ['.', 'jobs', '../jobs', './']) expect(faultOf({ directory })).toMatch(/^directory: /);
  });

  test('does not serve a model that makes vectors', () => {
    expect(faultOf(serving({ model: 'embed' }))).toMatch(/^serve\.model: a model that makes vectors/);
  });

  test('lies on disks of one site, and of one that is there', () => {
    const at = (...uris: readonly string[]) => ({ data: uris.map((uri, index) => ({ name: `part${index}`, uri })) });
    expect(faultOf(at('site:nowhere/corpus'))).toMatch(/^data\[0\]\.uri: no site has this name/);
    expect(faultOf(at('site:north-1/a', 'store:b', 'site:south-1/c'))).toMatch(
      /^data\[2\]\.uri: a disk of another site/,
    );
    const made = { checkpoint: { uri: 'site:south-1/made' } };
    expect(faultOf({ ...made, ...at('site:north-1/a') })).toMatch(/^data\[0\]\.uri: a disk of another site/);
    expect(readJob(jobFile({ ...made, ...at('site:south-1/a', 's3://bucket/b') }), known)).toMatchObject({ ok: true });
  });

  test('is told all of its faults together, a line each', () => {
    const lines = faultOf({ ...serving({ model: 'chet', wire: 'x' }), team: 'y', directory: '.' }).split('\n');
    expect(lines.map((line) => line.split(':')[0])).toEqual(['directory', 'team', 'serve.model', 'serve.wire']);
  });

  test.each([
    ['no command', { command: [] }, 'command'],
    ['an unknown field', { comand: ['node'] }, 'comand'],
    ['a number of ranks that is text', { ranks: '2' }, 'ranks'],
    ['a variable of ours', { environment: { ARCHIPEL_RANK: '1' } }, 'environment'],
    ['a path that leaves the store', { checkpoint: { uri: 'store:../x' } }, 'checkpoint.uri'],
  ])('with %s is refused, and the place is named', (_what, more, place) => {
    expect(faultOf(more)).toContain(place);
  });

  test('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (sent) => {
        const read = readJob(sent, known);
        expect(read.ok || read.fault !== '').toBe(true);
      }),
    );
    const field = fc.constantFrom(...Object.keys(jobFile()), 'serve', 'sites', 'data', 'checkpoint', 'environment');
    fc.assert(
      fc.property(field, fc.jsonValue({ maxDepth: 3 }), (name, value) => {
        const read = readJob(jobFile({ [name]: value }), known);
        expect(read.ok || read.fault !== '').toBe(true);
      }),
      { numRuns: 500 },
    );
  });
});

describe('a job that was accepted before', () => {
  test('is read again whatever the configuration has lost since', () => {
    const written = jobFile({ ...serving({ model: 'gone', wire: 'gone' }), team: 'gone', sites: ['gone'] });
    expect(rereadJob(written)).toMatchObject({ team: 'gone', sites: ['gone'], serve: { model: 'gone', wire: 'gone' } });
  });

  test('is the same as it was read first', () => {
    const written = jobFile({ environment: { SEED: '1' }, deadline: '2027-01-01T00:00:00Z', maxCostUsd: '5' });
    const first = readJob(written, known);
    expect(first).toEqual({ ok: true, value: rereadJob(JSON.parse(JSON.stringify(written))) });
  });

  test('and is damaged says what of it', () => {
    expect(() => rereadJob(jobFile({ ranks: 0 }))).toThrow(/cannot be read any more: ranks/);
  });
});
