import { expect, test } from 'vitest';
import { openaiWire } from '../openai/openaiWire.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import { recordedAnswer } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import { servedTierIn, serviceTierOf } from './serviceTierOf.ts';

test.each([
  ['default', 'standard'],
  ['standard', 'standard'],
  ['on_demand', 'standard'],
  ['ON_DEMAND', 'standard'],
  ['flex', 'flex'],
  ['ON_DEMAND_FLEX', 'flex'],
  ['priority', 'priority'],
  ['ON_DEMAND_PRIORITY', 'priority'],
  ['PROVISIONED_THROUGHPUT', 'provisioned'],
  ['reserved', 'provisioned'],
  ['scale', 'provisioned'],
  ['batch', 'batch'],
  ['TRAFFIC_TYPE_UNSPECIFIED', null],
  // What a vendor invents later is kept as its own word, as far as that is fit for a bill.
  ['Turbo "x"', 'turbo__x_'],
])('the word %s means %s', (word, tier) => expect(serviceTierOf(word)).toBe(tier));

test('an answer that only repeats that anything was asked for tells no tier', () => {
  expect(servedTierIn({ service_tier: 'auto' }, 'service_tier')).toBeNull();
  expect(servedTierIn({ service_tier: 3 }, 'service_tier')).toBeNull();
});

test.each([
  ['openai/openai-text.json', openaiWire, 'standard'],
  ['groq/groq-reasoning.json', openaiWire, 'standard'],
  ['anthropic/cache-usage.0.json', anthropicWire, 'standard'],
  ['google/cached-content.1.json', geminiWire, 'standard'],
] as const)('the recorded answer %s tells its tier', (name, wire, servedTier) => {
  expect(wire.readAnswer('generate', recordedAnswer(`recordings/${name}`).body)).toMatchObject({
    ok: true,
    value: { servedTier },
  });
});

test('fast mode is a tier of its own', () => {
  const usage = { input_tokens: 1, output_tokens: 1, service_tier: 'standard', speed: 'fast' };
  const message = utf8Bytes(JSON.stringify({ type: 'message', id: 'm', content: [], usage }));
  expect(anthropicWire.readAnswer('generate', message)).toMatchObject({ ok: true, value: { servedTier: 'fast' } });
});

test.each([
  ['{"model":"m","messages":[],"service_tier":"flex"}', 'flex'],
  ['{"model":"m","messages":[],"service_tier":"default"}', 'standard'],
  ['{"model":"m","messages":[],"service_tier":"auto"}', 'auto'],
  ['{"model":"m","messages":[],"service_tier":null}', undefined],
  ['{"model":"m","messages":[]}', undefined],
])('the request %s asks for %s', (body, serviceTier) => {
  const read = openaiWire.readRequest(utf8Bytes(body), 'generate');
  if (!read.ok) throw new Error(read.fault.message);
  expect(read.value.serviceTier).toBe(serviceTier);
});

test('a head says that reserved capacity handed the request on', () => {
  expect(openaiWire.servedTierIn?.({ 'x-ms-is-spilled-over': 'true' })).toBe('spillover');
  expect(openaiWire.servedTierIn?.({ 'x-ms-is-spilled-over': 'false' })).toBeNull();
  expect(openaiWire.servedTierIn?.({})).toBeNull();
});
