import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CodedError, failure, success } from '../kernel/index.ts';
import { siteFaults } from './ControlPlane.ts';
import { controlErrors } from './errors.ts';
import { TestAdminPlane } from './openTestAdminPlane.fixture.ts';
import { jobStates, readJobStates } from './readJobStates.ts';

const id = '01a21aa4-b93d-732e-9a06-f1efdb76e246';
const job = { name: 'own-small-train', kind: 'train', hours: 0.25, environment: { SEED: '1' } };
const list = { name: 'gpu-offers', date: '2026-07-02', csv: 'cloud,region\naws,us-east-1\n' };

let plane: TestAdminPlane;
beforeAll(async () => {
  plane = await TestAdminPlane.open();
});
afterAll(() => plane[Symbol.asyncDispose]());
beforeEach(() => {
  plane.asked.length = 0;
  plane.answer = () => Promise.resolve(success({ answered: true }));
});

/** Each route, with a body that it takes, the right that it needs, and what the control plane is asked then. */
const routes = [
  ['POST /admin/v1/jobs', job, 'jobs:write', 'submitJob', [job, { name: 'sk-owner' }, null]],
  ['GET /admin/v1/jobs', undefined, 'jobs:read', 'jobs', [{ states: null, limit: 50 }]],
  [
    'GET /admin/v1/jobs?state=running,serving&limit=1000',
    undefined,
    'jobs:read',
    'jobs',
    [{ states: ['running', 'serving'], limit: 1000 }],
  ],
  [
    'GET /admin/v1/jobs?idPrefix=01a21aa4-b&limit=4',
    undefined,
    'jobs:read',
    'jobs',
    [{ states: null, limit: 4, idPrefix: '01a21aa4-b' }],
  ],
  [`GET /admin/v1/jobs/${id}`, undefined, 'jobs:read', 'job', [id]],
  [`GET /admin/v1/jobs/${id}/logs`, undefined, 'jobs:read', 'jobLogs', [{ id, attempt: null, rank: 0, fromByte: 0 }]],
  [
    `GET /admin/v1/jobs/${id}/logs?attempt=2&rank=15&fromByte=123456789012`,
    undefined,
    'jobs:read',
    'jobLogs',
    [{ id, attempt: 2, rank: 15, fromByte: 123_456_789_012 }],
  ],
  [`POST /admin/v1/jobs/${id}/cancel`, {}, 'jobs:write', 'cancelJob', [id, { name: 'sk-owner' }]],
  [`POST /admin/v1/jobs/${id}/cancel`, undefined, 'jobs:write', 'cancelJob', [id, { name: 'sk-owner' }]],
  [`GET /admin/v1/jobs/${id}/explain`, undefined, 'jobs:read', 'explainJob', [id]],
  ['GET /admin/v1/sites', undefined, 'jobs:read', 'sites', []],
  ['PUT /admin/v1/offers', list, 'offers:write', 'importOffers', [list, { name: 'sk-owner' }]],
  ['GET /admin/v1/offers', undefined, 'jobs:read', 'offers', [null]],
  ['GET /admin/v1/offers?accelerator=RTX%20PRO%206000', undefined, 'jobs:read', 'offers', ['RTX PRO 6000']],
  ['GET /sandbox/sites', undefined, 'sandbox:write', 'sandboxSites', []],
  ['PUT /sandbox/sites/north-1', { fault: 'preempt' }, 'sandbox:write', 'setSiteFault', ['north-1', 'preempt']],
] as const;

describe('a route of jobs', () => {
  test.each(routes)('%s asks the control plane once, with what was sent', async (line, body, _right, method, given) => {
    expect(await plane.ask(line, { body })).toEqual({ status: 200, errorCode: null, body: { answered: true } });
    expect(plane.asked).toMatchObject([{ method, given }]);
  });

  test.each(routes)('%s is closed to whoever lacks its right', async (line, body, right) => {
    const outsiders =
      right === 'jobs:read' ? ['sk-demo'] : right === 'sandbox:write' ? ['sk-viewer'] : ['sk-viewer', 'sk-demo'];
    for (const key of outsiders)
      expect(await plane.ask(line, { key, body })).toMatchObject({ status: 403, errorCode: 'operator_forbidden' });
    for (const key of [null, 'sk-nobody'])
      expect(await plane.ask(line, { key, body })).toMatchObject({ status: 401, errorCode: 'operator_key_invalid' });
    expect(plane.asked).toEqual([]);
  });

  test('is in the OpenAPI document, with what it takes', async () => {
    const { body } = await plane.ask('GET /admin/v1/openapi.json', { key: null });
    const { paths } = body as { paths: Record<string, Record<string, { parameters?: { name: string }[] }>> };
    for (const [line] of routes) {
      const [method = '', path = ''] = line
        .replace(id, '{id}')
        .replace('north-1', '{name}')
        .replace(/\?.*/, '')
        .split(' ');
      expect(paths[path]?.[method.toLowerCase()], line).toBeDefined();
    }
    const namesOf = (path: string, method: string) => paths[path]?.[method]?.parameters?.map(({ name }) => name);
    expect(namesOf('/admin/v1/jobs', 'post')).toEqual(['idempotency-key']);
    expect(namesOf('/admin/v1/jobs', 'get')).toEqual(['state', 'limit', 'idPrefix']);
  });
});

describe('a submission', () => {
  test('carries its idempotency key', async () => {
    const key = '!'.repeat(200);
    await plane.ask('POST /admin/v1/jobs', { body: job, headers: { 'idempotency-key': key } });
    expect(plane.asked[0]?.given[2]).toBe(key);
  });

  test.each(['', 'x'.repeat(201), 'two words', 'caf\u00e9'])('is refused with the key %j', async (key) => {
    const told = await plane.ask('POST /admin/v1/jobs', { body: job, headers: { 'idempotency-key': key } });
    expect(told).toMatchObject({ status: 400, errorCode: 'bad_control_request' });
    expect(plane.asked).toEqual([]);
  });

  test.each([
    ['a list', [job]],
    ['text', '"train"'],
    ['nothing', 'null'],
    ['no JSON', '{"name": '],
    ['a name that is none', '{"__proto__": {"kind": "train"}}'],
  ])('that is %s is refused', async (_what, body) => {
    expect(await plane.ask('POST /admin/v1/jobs', { body })).toMatchObject({
      status: 400,
      errorCode: 'bad_control_request',
    });
    expect(plane.asked).toEqual([]);
  });

  test('arrives as it was sent: nothing is turned into something else, nothing left out', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (sent) => {
        fc.pre(!JSON.stringify(sent).includes('__proto__') && !JSON.stringify(sent).includes('constructor'));
        plane.asked.length = 0;
        await plane.ask('POST /admin/v1/jobs', { body: sent });
        expect(plane.asked[0]?.given[0]).toEqual(JSON.parse(JSON.stringify(sent)));
      }),
      { numRuns: 50 },
    );
  });

  test.each([
    ['job_invalid', 400],
    ['job_unsatisfiable', 422],
    ['too_many_jobs', 429],
    ['idempotency_conflict', 409],
    ['no_such_thing', 404],
    ['offers_invalid', 400],
  ] as const)('that ends in %s is answered %i, with what to do', async (code, status) => {
    plane.answer = () => Promise.resolve(failure({ code, message: 'ranks: too many' }));
    expect(await plane.ask('POST /admin/v1/jobs', { body: job })).toEqual({
      status,
      errorCode: code,
      body: { error: { code, message: 'ranks: too many', mend: controlErrors[code].mend } },
    });
  });

  test('while the database is away is answered 503', async () => {
    const row = { status: 503, retryable: true, what: 'x', mend: 'y' };
    plane.answer = () => Promise.reject(new CodedError('database_unavailable', row, 'PostgreSQL does not answer'));
    expect(await plane.ask('POST /admin/v1/jobs', { body: job })).toMatchObject({
      status: 503,
      errorCode: 'store_unavailable',
    });
  });
});

describe('a question about jobs', () => {
  test.each([
    'GET /admin/v1/jobs?state=ended',
    'GET /admin/v1/jobs?state=',
    'GET /admin/v1/jobs?state=running&state=serving',
    'GET /admin/v1/jobs?limit=0',
    'GET /admin/v1/jobs?limit=1001',
    'GET /admin/v1/jobs?limit=1e2',
    'GET /admin/v1/jobs?team=x',
    'GET /admin/v1/jobs?idPrefix=',
    'GET /admin/v1/jobs?idPrefix=01A2',
    'GET /admin/v1/jobs?idPrefix=-01a2',
    'GET /admin/v1/jobs?idPrefix=01a2%25',
    'GET /admin/v1/jobs?idPrefix=01a2&idPrefix=01a3',
    `GET /admin/v1/jobs?idPrefix=${id}0`,
    `GET /admin/v1/jobs/${id.toUpperCase()}`,
    `GET /admin/v1/jobs/urn:uuid:${id}`,
    'GET /admin/v1/jobs/00000000-0000-4000-8000-000000000000',
    `GET /admin/v1/jobs/${id}/logs?attempt=0`,
    `GET /admin/v1/jobs/${id}/logs?rank=-1`,
    `GET /admin/v1/jobs/${id}/logs?fromByte=1.5`,
    `GET /admin/v1/jobs/${id}/logs?fromByte=99999999999999999`,
    `GET /admin/v1/jobs/${id}/logs?follow=true`,
    'GET /admin/v1/offers?accelerator=',
  ])('that cannot be understood is refused: %s', async (line) => {
    expect(await plane.ask(line)).toMatchObject({ status: 400, errorCode: 'bad_control_request' });
    expect(plane.asked).toEqual([]);
  });

  test('of a state that is none says which there are', async () => {
    const { body } = await plane.ask('GET /admin/v1/jobs?state=done');
    expect(body).toMatchObject({ error: { message: expect.stringContaining(jobStates.join(', ')) } });
  });

  test('of states is asked as it reads, or refused, whatever is written', async () => {
    const word = fc.oneof(fc.constantFrom(...jobStates), fc.string({ maxLength: 12 }));
    await fc.assert(
      fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 4 }), async (words) => {
        const written = words.join(',');
        fc.pre(written.isWellFormed());
        plane.asked.length = 0;
        const { status } = await plane.ask(`GET /admin/v1/jobs?state=${encodeURIComponent(written)}`);
        const states = readJobStates(written);
        expect(status).toBe(states === null ? 400 : 200);
        expect(plane.asked).toEqual(states === null ? [] : [{ method: 'jobs', given: [{ states, limit: 50 }] }]);
      }),
      { numRuns: 60 },
    );
  });

  test('of an id that is none never reaches the control plane, whatever is written', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ minLength: 1 }), fc.constantFrom('', '/logs', '/explain'), async (written, rest) => {
        fc.pre(written.isWellFormed() && !/^\.{1,2}$/.test(written));
        const { status } = await plane.ask(`GET /admin/v1/jobs/${encodeURIComponent(written)}${rest}`);
        expect([400, 404]).toContain(status);
        expect(plane.asked).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });
});

describe('a list of offers', () => {
  test('may be larger than other bodies, and not have a day', async () => {
    const large = { name: 'large', date: null, csv: 'x'.repeat(4_000_000) };
    expect(await plane.ask('PUT /admin/v1/offers', { body: large })).toMatchObject({ status: 200 });
    expect(await plane.ask('POST /admin/v1/jobs', { body: large })).toMatchObject({
      status: 400,
      errorCode: 'bad_control_request',
    });
    expect(plane.asked).toEqual([{ method: 'importOffers', given: [large, expect.anything()] }]);
  });

  test.each([
    { date: null, csv: '' },
    { name: 'x', csv: '' },
    { name: 'x', date: '2026-7-2', csv: '' },
    { name: '', date: null, csv: '' },
    { name: 'x', date: null, csv: null },
    { name: 'x', date: null, csv: '', source: 'y' },
  ])('of another shape is refused: %j', async (body) => {
    expect(await plane.ask('PUT /admin/v1/offers', { body })).toMatchObject({ status: 400 });
    expect(plane.asked).toEqual([]);
  });
});

describe('a fault of a site', () => {
  test.each(siteFaults)('can be %s', async (fault) => {
    await plane.ask('PUT /sandbox/sites/south-1', { key: 'sk-demo', body: { fault } });
    expect(plane.asked).toEqual([{ method: 'setSiteFault', given: ['south-1', fault] }]);
  });

  test.each([{ fault: 'hang' }, { fault: null }, {}, { fault: 'down', share: 0.5 }])(
    'can be nothing else: %j',
    async (body) => {
      expect(await plane.ask('PUT /sandbox/sites/south-1', { body })).toMatchObject({ status: 400 });
      expect(plane.asked).toEqual([]);
    },
  );

  test('that is none is answered with those there are', async () => {
    const { body } = await plane.ask('PUT /sandbox/sites/south-1', { body: { fault: 'hang' } });
    expect(body).toMatchObject({ error: { message: expect.stringMatching(/: none, down, unreachable, preempt$/) } });
  });
});
