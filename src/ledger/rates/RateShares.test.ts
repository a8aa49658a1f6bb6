import { expect, test } from 'vitest';
import { noRates, rateScope, type Rates, type RateScope } from '../../vocabulary/index.ts';
import { noRateTokens, rateLeaseMs, RateLimits, RateShares, wholeBase, type RateGrant } from '../index.ts';

const scopeOf = (limits: Partial<Rates>): RateScope => {
  const scope = rateScope('key', 'demo', { ...noRates, ...limits });
  if (scope === null) throw new Error('a scope has limits');
  return scope;
};

const grantOf = (name: RateGrant['name'], units: number): RateGrant => ({ scope: 'key:demo', name, units });

const lets = (limits: RateLimits, scope: RateScope, nowMs: number, tries = 100): number => {
  let through = 0;
  for (let request = 0; request < tries; request++) {
    const take = limits.take([scope], noRateTokens, nowMs);
    if (!take.ok) continue;
    through += 1;
    limits.settle(take.value, noRateTokens, nowMs);
  }
  return through;
};

test('a process that is alone lets everything through, a replica its base and what it was granted', () => {
  expect(lets(new RateLimits(), scopeOf({ rpm: 60 }), 0)).toBe(60);
  const shares = new RateShares();
  shares.settle(wholeBase / 4, [grantOf('rpm', 20)], 0);
  const limits = new RateLimits(shares);
  const scope = scopeOf({ rpm: 60, tpm: 1_000 });
  expect(lets(limits, scope, 0)).toBe(35);
  // What clients are told is what they can use here.
  expect(limits.left([scope], 0)).toMatchObject({
    requests: { limit: 35, remaining: 0, resetMs: 60_000 },
    tokens: { limit: 250, remaining: 250 },
  });
  expect(limits.take([scope], noRateTokens, 0)).toMatchObject({
    fault: { limit: 60, here: 35, retryAfterMs: Math.ceil(60_000 / 35) },
  });
  expect(limits.take([scope], noRateTokens, Math.ceil(60_000 / 35)).ok).toBe(true);
});

test('a replica that hears nothing keeps its grant for the lease, then its base, and twice its base once nobody can still have more', () => {
  const shares = new RateShares();
  shares.settle(wholeBase / 4, [grantOf('rpm', 20)], 1_000);
  const at = (nowMs: number): number => shares.limitOf(scopeOf({ rpm: 60 }), 'rpm', 60, 1_000 + nowMs);
  expect([0, rateLeaseMs - 1, rateLeaseMs, 2 * rateLeaseMs, 2 * rateLeaseMs + 5_000].map(at)).toEqual([
    35, 35, 15, 15, 30,
  ]);
});

test('one that starts without having heard anything goes by the base that it had', () => {
  const scope = scopeOf({ rpm: 60 });
  expect(new RateShares(wholeBase / 4).limitOf(scope, 'rpm', 60, 0)).toBe(30);
  expect(new RateShares().limitOf(scope, 'rpm', 60, 0)).toBe(60);
  expect([new RateShares(wholeBase / 4).equalPart, new RateShares().equalPart]).toEqual([0.5, 1]);
});

test('a limit of which there is nothing here is refused with when to ask again, and taken up once there is', () => {
  const shares = new RateShares(wholeBase / 4);
  shares.settle(wholeBase / 4, [], 0);
  let lacks = 0;
  shares.onLack(() => (lacks += 1));
  const limits = new RateLimits(shares);
  const scope = scopeOf({ rpm: 1, streams: 1 });
  const refused = limits.take([scope], noRateTokens, 0);
  expect(refused).toMatchObject({ fault: { limit: 1, here: 0, retryAfterMs: 1_000 } });
  expect(limits.left([scope], 0).requests).toEqual({ limit: 0, remaining: 0, resetMs: 1_000 });
  expect(lacks).toBe(1);
  expect(limits.uses(1_000)).toMatchObject([{ name: 'streams', limit: 1, wanted: 1, least: 0 }]);
  shares.settle(wholeBase / 4, [grantOf('rpm', 1), grantOf('streams', 1)], 1_000);
  expect(limits.take([scope], noRateTokens, 61_000).ok).toBe(false);
});

test('lowering holds at once, and raises nothing', () => {
  const shares = new RateShares();
  shares.settle(wholeBase / 4, [grantOf('rpm', 20)], 0);
  const now = (): number => shares.limitOf(scopeOf({ rpm: 60 }), 'rpm', 60, 0);
  shares.lower(wholeBase, [grantOf('rpm', 45)]);
  expect(now()).toBe(35);
  shares.lower(wholeBase / 6, [grantOf('rpm', 3)]);
  expect(now()).toBe(13);
  shares.lower(wholeBase / 6, []);
  expect(now()).toBe(10);
});

test('what others hold beyond what there is, is let through by nobody until they let it go', () => {
  const shares = new RateShares();
  const streams = (nowMs: number): number => shares.limitOf(scopeOf({ streams: 100 }), 'streams', 100, nowMs);
  const overdraft = { scope: 'key:demo', name: 'streams', units: 20 };
  shares.settle(wholeBase / 4, [], 0, [overdraft]);
  expect([streams(0), streams(rateLeaseMs)]).toEqual([5, 5]);
  shares.lower(wholeBase / 4, []);
  expect(streams(0)).toBe(5);
  shares.settle(wholeBase / 4, [grantOf('streams', 10)], 0, [overdraft]);
  expect([streams(0), streams(rateLeaseMs)]).toEqual([15, 15]);
  shares.settle(wholeBase / 4, [], 0, [{ ...overdraft, units: 60 }]);
  expect(streams(0)).toBe(0);
  shares.settle(wholeBase / 4, [], 0);
  expect(streams(0)).toBe(25);
});

test('what could be used is what was let through and what was refused, and fades when nobody asks any more', () => {
  const shares = new RateShares();
  shares.settle(wholeBase / 4, [], 0);
  const limits = new RateLimits(shares);
  const scope = scopeOf({ rpm: 60 });
  expect(lets(limits, scope, 0, 40)).toBe(15);
  const [use] = limits.uses(15_000);
  // 40 requests in a quarter of a minute, smoothed.
  expect(use).toMatchObject({ scope: 'key:demo', name: 'rpm', limit: 60, wanted: 101 });
  expect(limits.uses(30_000)[0]?.wanted).toBe(37);
  expect(limits.uses(600_000)).toEqual([]);
});
