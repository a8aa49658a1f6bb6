import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { features, featureSet, featuresIn, hasFeature, needed, type Feature } from '../vocabulary/index.ts';
import { capabilitiesOf, capabilityTable, PriceBook, readPriceSheet, type CapabilityDeclaration } from './index.ts';
import { rowsOf } from './rowsOf.ts';

const atMs = Date.UTC(2026, 10, 15);
const sheet = readPriceSheet(readFileSync(new URL('data/llm-prices.csv', import.meta.url), 'utf8'), {
  source: 'test',
  fromMs: 0,
});
const book = new PriceBook(sheet.ok ? sheet.value : []);

const can = (vendor: string, model: string, wire = 'openai', override: CapabilityDeclaration = {}) =>
  capabilitiesOf({ book, wire, vendor, model, atMs, override });
const lacks = (...asked: Parameters<typeof can>): readonly Feature[] => featuresIn(can(...asked).lacks);

describe('the table of capabilities', () => {
  test.each(capabilityTable.map((row) => [row.models.join(' '), row] as const))(
    'dates the row of %s, says where it comes from, and says something',
    (_, { asOf, sources, models, lacks: lacking = [], takes = [], parameters = [] }) => {
      expect(asOf).toMatch(/^20\d\d-(?:0[1-9]|1[0-2])$/);
      expect(sources.length).toBeGreaterThan(0);
      for (const source of sources) expect(new URL(source).protocol).toBe('https:');
      expect(models.length).toBeGreaterThan(0);
      expect(lacking.length + takes.length + parameters.length).toBeGreaterThan(0);
      for (const pattern of models) expect(pattern).toMatch(/^[a-z0-9.-]*\*?$/);
      for (const name of parameters) expect(features).not.toContain(name);
    },
  );

  test('says each thing of a model once', () => {
    const said = capabilityTable.flatMap(
      ({ wires = ['*'], vendors = ['*'], models, lacks: lacking = [], takes = [], parameters = [] }) =>
        wires.flatMap((wire) =>
          vendors.flatMap((vendor) =>
            models.flatMap((model) =>
              [...lacking, ...takes, ...parameters].map((what) => [wire, vendor, model, what].join(' ')),
            ),
          ),
        ),
    );
    expect(said.filter((one, index) => said.indexOf(one) !== index)).toEqual([]);
  });

  test('lets no model be without every way to think that it is listed for', () => {
    for (const model of capabilityTable.flatMap(({ models }) => models)) {
      const lacking = lacks('anthropic', model.replace('*', '1'), 'anthropic');
      expect([model, lacking.includes('thinking.enabled') && lacking.includes('thinking.adaptive')]).toEqual([
        model,
        false,
      ]);
    }
  });

  test('takes a name for what it is at the vendor who gave it: elsewhere gpt-4 may be one that sees', () => {
    expect(lacks('openai', 'gpt-4')).toContain('images');
    for (const name of ['openai/gpt-4', 'openai/gpt-4-0314', 'openai/gpt-4-0613', 'openai/gpt-4-turbo-preview'])
      expect([name, lacks('openrouter', name)]).toEqual([name, ['images']]);
    for (const name of ['openai/gpt-4-turbo', 'openai/gpt-4.1', 'openai/gpt-4o'])
      expect([name, lacks('openrouter', name)]).toEqual([name, []]);
    expect(lacks('azure', 'gpt-4', 'azure-openai')).not.toContain('images');
    expect(lacks('openai', 'gpt-4-turbo-2024-04-09')).not.toContain('images');
  });

  test('knows models by the names that sellers give them', () => {
    const table = [
      { models: ['claude-x-1'], lacks: ['prefill'], asOf: '2026-11', sources: [] },
      { models: ['amazon.nova*'], wires: ['bedrock'], lacks: ['schemas'], asOf: '2026-11', sources: [] },
    ] as const;
    const found = (model: string, wire = 'bedrock', lab: string | null = null): number =>
      rowsOf(table, { wire, vendor: 'any', model }, lab).length;
    for (const name of [
      'claude-x-1',
      'claude-x-1-20260101',
      'anthropic/claude-x-1',
      'eu.anthropic.claude-x-1-v1:0',
      'claude-x-1@default',
    ])
      expect([name, found(name)]).toEqual([name, 1]);
    expect(found('claude-x-12')).toBe(0);
    expect(found('my-own', 'bedrock', 'claude-x-1')).toBe(1);
    for (const name of [
      'amazon.nova-pro-v1:0',
      'us.amazon.nova-pro-v1:0',
      'us-gov.amazon.nova-pro-v1:0',
      'arn:aws:bedrock:a:1:p/eu.amazon.nova-2-lite-v1:0',
    ])
      expect([name, found(name)]).toEqual([name, 1]);
    expect(found('amazon.nova-pro-v1:0', 'openai')).toBe(0);
    expect(found('my.amazonova')).toBe(0);
  });
});

describe('capabilities', () => {
  test('come from the sheet, with the parameters that a family is known to refuse', () => {
    expect(can('openai', 'o3-mini')).toMatchObject({
      contextTokens: 200_000,
      maxOutputTokens: 100_000,
      reasoning: true,
    });
    expect(can('openai', 'o3-mini-2025-01-31').unsupported).toContain('temperature');
    expect(can('azure', 'gpt-5-mini').unsupported).toEqual(
      expect.arrayContaining(['max_tokens', 'top_p', 'logit_bias']),
    );
    expect(can('azure', 'gpt-5.2').unsupported).toEqual(['max_tokens']);
    expect(can('openrouter', 'openai/gpt-5-mini').unsupported).toContain('max_tokens');
    expect(can('openrouter', 'openai/gpt-4o').unsupported).toEqual([]);
    expect(lacks('openai', 'gpt-3.5-turbo')).toEqual(['tools', 'images', 'video']);
  });

  test.each([
    ['aws', 'eu.anthropic.claude-opus-4-7', 'bedrock'],
    ['vertex', 'claude-opus-4-8@default', 'anthropic'],
  ])('know Claude at %s: what it takes no more', (...asked) => {
    expect(can(...asked).unsupported).toEqual(expect.arrayContaining(['temperature', 'top_p', 'top_k']));
    expect(lacks(...asked)).toEqual(expect.arrayContaining(['prefill', 'thinking.enabled', 'audio', 'video']));
    expect(lacks(...asked)).not.toContain('thinking.adaptive');
  });

  test('know what of Claude thinks within a budget, and which takes one sampler only', () => {
    expect(lacks('anthropic', 'claude-haiku-4-5-20251001', 'anthropic')).toContain('thinking.adaptive');
    expect(lacks('anthropic', 'claude-haiku-4-5-20251001', 'anthropic')).not.toContain('prefill');
    expect(can('anthropic', 'claude-sonnet-4-6', 'anthropic').unsupported).toEqual(
      expect.arrayContaining(['temperature+top_p', 'prefill']),
    );
  });

  test('know of few that they go on with an answer that has begun: of nobody whom neither the table nor the file names', () => {
    const takes = (...asked: Parameters<typeof can>): readonly Feature[] => featuresIn(can(...asked).takes);
    for (const [vendor, model, wire] of [
      ['anthropic', 'claude-haiku-4-5-20251001', 'anthropic'],
      ['aws', 'eu.anthropic.claude-3-5-sonnet-20240620-v1:0', 'bedrock'],
      ['google', 'claude-sonnet-4-5@20250929', 'vertex-anthropic'],
    ] as const)
      expect([model, takes(vendor, model, wire)]).toEqual([model, ['prefill']]);
    for (const [vendor, model, wire] of [
      ['anthropic', 'claude-opus-4-8', 'anthropic'],
      ['anthropic', 'claude-new', 'anthropic'],
      ['aws', 'amazon.nova-pro-v1:0', 'bedrock'],
      ['openrouter', 'anthropic/claude-sonnet-4-5', 'openai'],
      ['own', 'my-model', 'anthropic'],
    ] as const)
      expect([model, takes(vendor, model, wire)]).toEqual([model, []]);
    expect(takes('own', 'my-model', 'anthropic', { supported: ['prefill', 'max_tokens'] })).toEqual(['prefill']);
    for (const [vendor, supported] of [
      ['mistral', ['prefill', 'prefix']],
      ['groq', ['prefill']],
      ['vllm', ['prefill', 'continue_final_message']],
      ['llama.cpp', ['prefill']],
      ['deepseek', []],
      ['openai', []],
    ] as const) {
      expect([vendor, can(vendor, 'any-model').supported]).toEqual([vendor, supported]);
      const thinks = can(vendor, 'any-model', 'openai', { reasoning: true });
      expect([vendor, thinks.supported]).toEqual([vendor, vendor === 'mistral' ? supported : []]);
    }
    expect(can('mistral', 'any-model', 'openai', { unsupported: ['prefill'] }).takes).toBe(0);
    expect(takes('anthropic', 'claude-haiku-4-5', 'anthropic', { unsupported: ['prefill'] })).toEqual([]);
  });

  test('know what only one way to a model has no room for', () => {
    expect(lacks('vertex', 'claude-new', 'vertex-anthropic')).toEqual(['imageAddresses']);
    expect(lacks('anthropic', 'claude-new', 'anthropic')).toEqual([]);
  });

  test('know vendors of whom it holds whatever the model', () => {
    expect(can('mistral', 'any-model').unsupported).toEqual([
      'max_completion_tokens',
      'stream_options',
      'seed',
      'longCallIds',
    ]);
  });

  test('bind the models that their sources know, and let a new one be tried, but for what its API has no word for', () => {
    for (const known of ['deepseek-chat', 'deepseek-v4-pro'])
      expect(lacks('deepseek', known)).toEqual(expect.arrayContaining(['images', 'developerRole', 'schemas']));
    expect(lacks('deepseek', 'deepseek-v9')).toEqual(['developerRole']);
    expect(lacks('together', 'deepseek-chat')).toEqual([]);
    for (const known of [
      'us.meta.llama3-3-70b-instruct-v1:0',
      'amazon.nova-pro-v1:0:300k',
      'eu.amazon.nova-2-lite-v1:0',
      'cohere.command-r-plus-v1:0',
      'ai21.jamba-1-5-mini-v1:0',
    ])
      expect([known, lacks('aws', known, 'bedrock')]).toEqual([known, expect.arrayContaining(['schemas'])]);
    expect(lacks('aws', 'amazon.titan-text-premier-v1:0', 'bedrock')).toEqual(
      expect.arrayContaining(['system', 'tools']),
    );
    for (const unknown of [
      'us.meta.llama9-v1:0',
      'amazon.nova-3-pro-v1:0',
      'amazon.titan-text-9-v1:0',
      'cohere.command-z-v1:0',
      'ai21.jamba-9-v1:0',
    ])
      expect([unknown, lacks('aws', unknown, 'bedrock')]).toEqual([unknown, ['parallelTools']]);
    expect(lacks('anthropic', 'claude-sonnet-4-6', 'anthropic')).toContain('audio');
    expect(lacks('anthropic', 'claude-3-5-haiku-latest', 'anthropic')).toContain('audio');
    expect(lacks('anthropic', 'claude-sonnet-9', 'anthropic')).toEqual([]);
  });

  test('are unknown, not absent, for a model that nobody listed, and the file has the last word', () => {
    expect(can('self', 'my-model')).toEqual({
      contextTokens: null,
      maxOutputTokens: null,
      reasoning: false,
      unsupported: [],
      lacks: 0,
      supported: [],
      takes: 0,
    });
    const override = { contextTokens: 8_000, maxOutputTokens: null, unsupported: ['images', 'logit_bias'] };
    expect(can('self', 'my-model', 'openai', override)).toMatchObject({
      contextTokens: 8_000,
      maxOutputTokens: null,
      unsupported: ['images', 'logit_bias'],
      lacks: featureSet(['images']),
    });
    const supported = ['images', 'max_tokens'];
    expect(lacks('openai', 'gpt-3.5-turbo', 'openai', { supported, toolCall: true })).toEqual(['video']);
    expect(lacks('self', 'my-model', 'openai', { toolCall: false })).toEqual(['tools']);
    expect(can('openai', 'gpt-5.2', 'openai', { supported }).unsupported).not.toContain('max_tokens');
  });
});

describe('sets of features', () => {
  const names = fc.uniqueArray(fc.constantFrom(...features));

  test('compare as lists of names do', () => {
    fc.assert(
      fc.property(names, names, names, (needs, lacking, dropped) => {
        const missing = needs.filter((name) => lacking.includes(name) && !dropped.includes(name));
        const set = featureSet(needs) & featureSet(lacking) & ~featureSet(dropped);
        expect(new Set(featuresIn(set))).toEqual(new Set(missing));
        expect(set === 0).toBe(missing.length === 0);
      }),
    );
  });

  test('hold what is needed and nothing else, and pass over names that are no feature’s', () => {
    fc.assert(
      fc.property(names, fc.string(), (some, other) => {
        const set = some.reduce((all, name) => all | needed(true, name) | needed(false, 'tools'), 0);
        expect(set).toBe(featureSet([...some, `no feature ${other}`]));
        for (const name of features) expect(hasFeature(set, name)).toBe(some.includes(name));
      }),
    );
  });
});
