import { expect, test } from 'vitest';
import type { Replica } from '../../store/index.ts';
import { judgeFleet } from './judgeFleet.ts';

const replicaOf = (host: string, more: Partial<Replica> = {}): Replica => ({
  instance: host,
  host,
  pid: 7,
  version: '1.0.0',
  configurationHash: 'a'.repeat(64),
  startedAtMs: 0,
  silentMs: 400,
  ...more,
});

test('replicas that are alike are named, and nothing is wrong where none runs', () => {
  expect(judgeFleet({ replicas: [] })).toMatchObject([{ level: 'ok', what: 'none runs' }]);
  expect(judgeFleet({ replicas: [replicaOf('a'), replicaOf('b')] })).toMatchObject([
    { level: 'ok', what: '2 running: a (process 7), b (process 7)' },
  ]);
});

test('a mixed fleet is told by version and by configuration', () => {
  const replicas = [
    replicaOf('a'),
    replicaOf('b', { version: '1.1.0' }),
    replicaOf('c', { configurationHash: 'b'.repeat(64) }),
  ];
  expect(judgeFleet({ replicas })[1]).toMatchObject({
    level: 'warn',
    what: 'they differ: b (process 7) has version 1.1.0 and not 1.0.0; c (process 7) has the configuration bbbbbbbbbbbb and not aaaaaaaaaaaa, which a (process 7) has',
  });
});

test('one that fell silent is told with what becomes of its spool, and is held against nobody', () => {
  const replicas = [replicaOf('a'), replicaOf('b', { version: '1.1.0', silentMs: 600_000 })];
  expect(judgeFleet({ replicas })).toMatchObject([
    { level: 'ok', what: '1 running: a (process 7)' },
    { level: 'warn', subject: 'b (process 7)', what: 'silent for 10 min without having taken its leave' },
  ]);
});
