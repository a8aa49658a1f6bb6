import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readModelsDev, type PriceRow } from './index.ts';

// Members of api.json as anomalyco/models.dev made it at commit f3fc692 (MIT, (c) 2025 models.dev), with what is not about prices left out.
const catalogue = {
  openai: {
    id: 'openai',
    env: ['OPENAI_API_KEY'],
    models: {
      'gpt-5.4': {
        id: 'gpt-5.4',
        cost: {
          input: 2.5,
          output: 15,
          cache_read: 0.25,
          tiers: [{ tier: { size: 272_000 }, input: 5, output: 22.5, cache_read: 0.5 }],
          context_over_200k: { input: 5, output: 22.5, cache_read: 0.5 },
        },
        experimental: {
          modes: {
            fast: {
              cost: { input: 5, output: 30, cache_read: 0.5 },
              provider: { body: { service_tier: 'priority' } },
            },
          },
        },
      },
    },
  },
  anthropic: {
    models: {
      'claude-opus-4-6': {
        cost: { input: 5, output: 25, cache_read: 0.5, cache_write: 6.25 },
        experimental: {
          modes: {
            fast: {
              cost: { input: 30, output: 150, cache_read: 3, cache_write: 37.5 },
              provider: { body: { speed: 'fast' }, headers: { 'anthropic-beta': 'fast-mode-2026-02-01' } },
            },
          },
        },
      },
    },
  },
  google: {
    models: { 'gemini-2.5-flash-lite': { cost: { input: 0.1, output: 0.4, cache_read: 0.01, input_audio: 0.3 } } },
  },
  alibaba: { models: { 'qwen3-8b': { cost: { input: 0.18, output: 0.7, reasoning: 2.1 } } } },
  openrouter: {
    models: {
      'openai/gpt-oss-20b:free': { cost: { input: 0, output: 0 } },
      'somebody/on-trial': { cost: { input: 0, output: 0 } },
      '~openai/gpt-latest': { cost: { input: 1, output: 2 } },
      'somebody/unpriced': {},
    },
  },
};

const origin = { source: 'models.dev api.json', fromMs: 0 };

const rowsOf = (value: unknown): readonly PriceRow[] => {
  const read = readModelsDev(JSON.stringify(value), origin);
  if (!read.ok) throw new Error(read.fault);
  return read.value;
};

const shown = ({ vendor, model, tier, aboveTokens, perMillion }: PriceRow) => [
  vendor,
  model,
  tier,
  aboveTokens,
  Object.fromEntries(Object.entries(perMillion).map(([bucket, price]) => [bucket, Number(price) / 1e9])),
];

test('api.json is read to the nano-dollar: tiers, long inputs, sound and thinking among it, and 0 only where an offer is named free', () => {
  expect(rowsOf(catalogue).map(shown)).toEqual([
    ['openai', 'gpt-5.4', null, null, { input: 2.5, output: 15, cacheRead: 0.25 }],
    ['openai', 'gpt-5.4', null, 272_000, { input: 5, output: 22.5, cacheRead: 0.5 }],
    ['openai', 'gpt-5.4', 'priority', null, { input: 5, output: 30, cacheRead: 0.5 }],
    ['anthropic', 'claude-opus-4-6', null, null, { input: 5, output: 25, cacheRead: 0.5, cacheWrite5m: 6.25 }],
    ['anthropic', 'claude-opus-4-6', 'fast', null, { input: 30, output: 150, cacheRead: 3, cacheWrite5m: 37.5 }],
    ['google', 'gemini-2.5-flash-lite', null, null, { input: 0.1, output: 0.4, cacheRead: 0.01, inputAudio: 0.3 }],
    ['alibaba', 'qwen3-8b', null, null, { input: 0.18, output: 0.7, reasoning: 2.1 }],
    ['openrouter', 'openai/gpt-oss-20b:free', null, null, { input: 0, output: 0 }],
  ]);
});

test('older files say the price of long inputs in the other way, and small numbers have exponents', () => {
  const cost = { input: 1e-7, output: 2, context_over_200k: { input: 4 } };
  const [first, band] = rowsOf({ v: { models: { m: { cost } } } });
  expect(first?.perMillion).toEqual({ input: 100n, output: 2_000_000_000n });
  expect(band).toMatchObject({ aboveTokens: 200_000, perMillion: { input: 4_000_000_000n } });
});

test.each([
  ['{', 'this is no JSON'],
  ['[]', 'this is not api.json of models.dev'],
  [JSON.stringify({ v: { models: { m: { cost: { input: -1 } } } } }), 'v.models.m.cost.input: '],
  [JSON.stringify({ v: { models: { m: { cost: { output: '2' } } } } }), 'v.models.m.cost.output: '],
  [JSON.stringify({ v: { models: { m: { cost: { input: 1_000_001 } } } } }), 'v.models.m.cost.input: '],
  [JSON.stringify({ v: { models: { m: { cost: { tiers: [{ input: 1 }] } } } } }), 'v.models.m.cost.tiers.0.tier: '],
])('what is no price is told with its place: %s', (text, fault) => {
  expect(readModelsDev(text, origin)).toMatchObject({ ok: false, fault: expect.stringContaining(fault) });
});

test('nothing that is handed in makes it throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json(), fc.constant(JSON.stringify(catalogue).slice(0, 300))), (text) => {
      const read = readModelsDev(text, origin);
      expect(read.ok || read.fault !== '').toBe(true);
    }),
  );
});
