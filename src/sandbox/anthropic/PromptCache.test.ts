import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HandClock } from '../openTestSandbox.fixture.ts';
import { PromptCache, prefixTokensMin } from './PromptCache.ts';
import type { PrefixEnd } from './PromptCache.ts';

const end = (digest: string, tokens: number, keep: PrefixEnd['keep'] = null): PrefixEnd => ({ digest, tokens, keep });

describe('the prompt cache', () => {
  test('writes a prefix at first sight, reads it afterwards, and bills the rest as input', () => {
    const cache = new PromptCache(new HandClock());
    const ends = [end('a', 2000, '5m'), end('b', 2100)];
    expect(cache.use(ends, 2105)).toEqual({ input: 105, cacheRead: 0, cacheWrite5m: 2000, cacheWrite1h: 0 });
    expect(cache.use(ends, 2105)).toEqual({ input: 105, cacheRead: 2000, cacheWrite5m: 0, cacheWrite1h: 0 });
  });

  test('reads what it has and writes only what came after', () => {
    const cache = new PromptCache(new HandClock());
    cache.use([end('a', 2000, '5m')], 2000);
    expect(cache.use([end('a', 2000), end('b', 2600, '5m')], 2700)).toEqual({
      input: 100,
      cacheRead: 2000,
      cacheWrite5m: 600,
      cacheWrite1h: 0,
    });
  });

  test('forgets after five minutes without a read, and each read starts them anew', () => {
    const clock = new HandClock();
    const cache = new PromptCache(clock);
    const read = (): number | undefined => cache.use([end('a', 2000, '5m')], 2000).cacheRead;
    read();
    clock.advance(299_999);
    expect(read()).toBe(2000);
    clock.advance(299_999);
    expect(read()).toBe(2000);
    clock.advance(300_000);
    expect(read()).toBe(0);
  });

  test('keeps for an hour what is marked so, billed apart', () => {
    const clock = new HandClock();
    const cache = new PromptCache(clock);
    const ends = [end('a', 2000, '1h'), end('b', 2500, '5m')];
    expect(cache.use(ends, 2500)).toMatchObject({ cacheWrite1h: 2000, cacheWrite5m: 500 });
    clock.advance(600_000);
    expect(cache.use(ends, 2500)).toMatchObject({ cacheRead: 2000, cacheWrite5m: 500 });
  });

  test('neither keeps nor reads short prefixes, nor anything without a mark', () => {
    const cache = new PromptCache(new HandClock());
    const short = [end('a', prefixTokensMin - 1, '5m')];
    cache.use(short, 1023);
    expect(cache.use(short, 1023)).toMatchObject({ input: 1023, cacheRead: 0 });
    cache.use([end('b', 5000)], 5000);
    expect(cache.use([end('b', 5000, '5m')], 5000)).toMatchObject({ cacheRead: 0, cacheWrite5m: 5000 });
    expect(cache.use([end('b', 5000)], 5000)).toMatchObject({ input: 5000, cacheRead: 0 });
  });

  test('counts every token exactly once, whatever the marks', () => {
    const step = fc.record({ tokens: fc.nat(3000), keep: fc.constantFrom(null, '5m', '1h') });
    fc.assert(
      fc.property(fc.array(fc.array(step, { maxLength: 6 })), (requests) => {
        const cache = new PromptCache(new HandClock());
        for (const steps of requests) {
          let tokens = 0;
          const ends = steps.map((one, at) => end(`${at}`, (tokens += one.tokens), one.keep));
          const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0 } = cache.use(ends, tokens);
          expect(input + cacheRead + cacheWrite5m + cacheWrite1h).toBe(tokens);
          expect(Math.min(input, cacheRead, cacheWrite5m, cacheWrite1h)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
