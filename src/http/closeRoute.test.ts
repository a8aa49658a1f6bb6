import type { RouteOptions } from 'fastify';
import { expect, test } from 'vitest';
import { closeRoute } from './closeRoute.ts';

const handler = (): string => '';
const route: RouteOptions = {
  method: 'POST',
  url: '/admin/v1/new',
  handler,
  config: { policy: 'keys:write' },
  schema: {},
};

test('a route that says not whom it is for keeps the control plane from being opened [G14]', () => {
  expect(() => closeRoute({ ...route, config: {} })).toThrow('route POST /admin/v1/new declares no policy');
  expect(() => closeRoute({ method: 'GET', url: '/x', handler })).toThrow('declares no policy');
});

test('so does one that hides from the document by which routes are tested', () => {
  expect(() => closeRoute({ ...route, schema: { hide: true } })).toThrow('hides');
});

test('what a route does not say that it takes, it takes nothing of', () => {
  const closed = { ...route };
  closeRoute(closed);
  expect(closed.schema).toMatchObject({
    querystring: { additionalProperties: false },
    body: { additionalProperties: false, properties: {} },
  });
  const read: RouteOptions = { ...route, method: 'GET' };
  closeRoute(read);
  expect(read.schema).not.toHaveProperty('body');
});

test('what it says stays as it is', () => {
  const body = { type: 'object', additionalProperties: false, properties: { name: { type: 'string' } } };
  const said: RouteOptions = { ...route, schema: { summary: 'New', body } };
  closeRoute(said);
  expect(said.schema).toMatchObject({ summary: 'New', body });
});
