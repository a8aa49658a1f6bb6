import { expect, test } from 'vitest';
import { readinessOf } from './readinessOf.ts';

const nothing = { draining: false, spool: null, shipping: null };

test('where nothing hinders, requests may come', () => {
  expect(readinessOf(nothing)).toEqual({ ready: true, reasons: [] });
});

test('a server that shuts down is not ready, so that balancers send elsewhere', () => {
  expect(readinessOf({ ...nothing, draining: true })).toEqual({
    ready: false,
    reasons: ['the server is shutting down'],
  });
});

test('a spool that takes nothing is not ready, a database that is away is', () => {
  expect(readinessOf({ ...nothing, spool: 'disk full' })).toEqual({
    ready: false,
    reasons: ['the spool takes no new work: disk full'],
  });
  expect(readinessOf({ ...nothing, shipping: 'refused' })).toEqual({
    ready: true,
    reasons: ['records wait for the database: refused'],
  });
});

test('every reason is told', () => {
  const { reasons } = readinessOf({ draining: true, spool: 'disk full', shipping: 'refused' });
  expect(reasons).toHaveLength(3);
});
