import { describe, expect, it, test } from 'vitest';
import { parseUsd } from '../kernel/index.ts';
import { declaredPrice, promptCacheOf, promptCacheTable, readsForLess } from './index.ts';

describe('the table of prompt caches', () => {
  test.each(promptCacheTable.map((row, index) => [`${index}: ${row.models.join(' ')}`, row] as const))(
    'dates row %s, and says where it comes from',
    (_, { asOf, sources, models, lifetimeMs, hourMs, tokensMin }) => {
      expect(asOf).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
      expect(models.length * sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(new URL(source).protocol).toBe('https:');
      expect(hourMs).toBeGreaterThanOrEqual(lifetimeMs);
      expect(Math.min(lifetimeMs, tokensMin)).toBeGreaterThan(0);
    },
  );

  it.each([
    ['anthropic', 'anthropic', 'claude-sonnet-5', { marked: true, lifetimeMs: 300_000, hourMs: 3_600_000 }],
    ['anthropic', 'anthropic', 'claude-opus-4-5-20251101', { marked: true, tokensMin: 4_096 }],
    ['bedrock', 'bedrock', 'us.anthropic.claude-haiku-4-5-20251001-v1:0', { marked: true, tokensMin: 4_096 }],
    ['anthropic', 'anthropic', 'claude-3-5-haiku-20241022', { tokensMin: 2_048 }],
    ['anthropic', 'anthropic', 'claude-sonnet-4-5', { tokensMin: 1_024 }],
    ['bedrock', 'bedrock', 'eu.anthropic.claude-opus-4-8-v1:0', { marked: true, hourMs: 3_600_000 }],
    ['openai', 'openrouter', 'anthropic/claude-sonnet-5', { marked: true }],
    ['bedrock', 'bedrock', 'amazon.nova-pro-v1:0', { marked: true }],
    ['openai', 'openai', 'gpt-5.4', { marked: false, lifetimeMs: 300_000, hourMs: 300_000, tokensMin: 1_024 }],
    ['azure-openai', 'azure', 'my-deployment', { marked: false, lifetimeMs: 300_000 }],
    ['vertex', 'google', 'gemini-3.1-pro', { marked: false, tokensMin: 4_096 }],
    ['gemini', 'google', 'models/gemini-2.5-flash', { marked: false, tokensMin: 2_048 }],
    ['openai', 'deepseek', 'deepseek-chat', { lifetimeMs: 3_600_000, tokensMin: 64 }],
  ])('on %s of %s knows that of %s', (wire, vendor, model, cache) => {
    expect(promptCacheOf({ wire, vendor, model })).toMatchObject(cache);
  });
});

describe('readsForLess', () => {
  it('is so only where reading from a cache has a price of its own, and a lower one', () => {
    const isSo = (cacheRead: string | null) =>
      readsForLess(
        declaredPrice(
          {
            input: parseUsd('2'),
            output: parseUsd('8'),
            ...(cacheRead === null ? {} : { cacheRead: parseUsd(cacheRead) }),
          },
          { vendor: 'v', model: 'm', source: 'file' },
        ),
      );
    expect([isSo(null), isSo('2'), isSo('0.2')]).toEqual([false, false, true]);
  });
});
