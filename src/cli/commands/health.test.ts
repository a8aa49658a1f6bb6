import { expect, test } from 'vitest';
import { healthTables } from './health.ts';

test('health is told by targets, credentials and quota domains, with what these served at most', () => {
  const healthy = { state: 'healthy', leftMs: 0, cause: '' };
  const scopes = [
    { scope: 'target', name: 'a/m', ...healthy, failureRate: 0.25, firstContentMs: 310.4, slowness: 4.2 },
    {
      scope: 'target',
      name: 'b/m',
      state: 'benched',
      leftMs: 840,
      cause: 'server_error',
      failureRate: 1,
      firstContentMs: null,
      slowness: null,
    },
    { scope: 'credential', name: 'a/main', ...healthy },
    {
      scope: 'quota',
      name: 'a/m',
      ...healthy,
      inFlight: 12,
      concurrencyLimit: 28,
      capacity: { requestsPerMinute: 1_200, tokensPerMinute: 640_000, limited: true },
    },
    { scope: 'quota', name: 'b/m', ...healthy, inFlight: 0, concurrencyLimit: null },
  ];
  expect(healthTables({ scopes }).split('\n')).toEqual([
    'TARGET  STATE                         FAILURES  FIRST CONTENT MS  SLOWER',
    'a/m     healthy                         25.0 %               310   x 4.2',
    'b/m     benched 0.8 s (server_error)   100.0 %                 -       -',
    '',
    'CREDENTIAL  STATE',
    'a/main      healthy',
    '',
    'QUOTA DOMAIN  STATE    UNDER WAY  LIMIT  REQUESTS/MIN  TOKENS/MIN',
    'a/m           healthy         12     28         1,200     640,000',
    'b/m           healthy          0      -             -           -',
    '',
    'What a quota domain served in its busiest minute; + where its vendor never refused more.',
  ]);
  const latencies = [
    { target: 'a/m', answers: 12.3, firstMs: { p50: 310.4, p90: 902 }, tokensPerS: { p50: 61.2, p90: null } },
  ];
  expect(healthTables({ scopes, latencies }).split('\n').slice(4, 6)).toEqual([
    'TARGET  ANSWERS  FIRST TOKEN MS, HALF  90 %  TOKENS/S, HALF  90 %',
    'a/m          12                   310   902              61     -',
  ]);
  expect(healthTables({ scopes: [] })).toBe('nothing was asked of any target yet');
});
