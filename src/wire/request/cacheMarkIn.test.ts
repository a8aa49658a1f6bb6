import { describe, expect, it } from 'vitest';
import { clientWires } from '../matchRoute.ts';
import { heads } from '../needs.fixture.ts';
import { utf8Bytes } from '../utf8.ts';

const read = (name: string, more: object) => {
  const wire = clientWires.get(name)!;
  const body = utf8Bytes(JSON.stringify({ ...heads[name], ...more }));
  const facts = wire.readRequest(body, 'generate');
  if (!facts.ok) throw new Error(facts.fault.message);
  return { wire, body, facts: facts.value };
};

const marked = (ttl?: string) => ({
  messages: [
    {
      role: 'user',
      content: [{ type: 'text', text: 'hi', cache_control: { type: 'ephemeral', ...(ttl ? { ttl } : {}) } }],
    },
  ],
});

describe('what a request says of caches', () => {
  it.each(['anthropic', 'openai'])('of the wire %s is known: whether it marks anything, and for how long', (name) => {
    const markOf = (more: object) => read(name, more).facts.cacheMark;
    expect([markOf(marked()), markOf(marked('5m')), markOf(marked('1h'))]).toEqual(['5m', '5m', '1h']);
    expect(markOf({ cache_control: { type: 'ephemeral' } })).toBe('5m');
    expect(markOf({ messages: [{ role: 'user', content: 'cache_control "cache_control": {}' }] })).toBeUndefined();
  });

  it('is no mark on wires whose requests have none', () => {
    expect([read('responses', {}).facts.cacheMark, read('gemini', {}).facts.cacheMark]).toEqual([undefined, undefined]);
  });

  it.each(['openai', 'responses'])(
    'of the wire %s is the name of a cache, which vendors may be told another for',
    (name) => {
      const { wire, body, facts } = read(name, { prompt_cache_key: 'app', user: 'u' });
      expect(facts.cacheKey).toBe('app');
      const edits = { model: facts.model, askUsage: false };
      expect(wire.editRequest(body, facts, edits).named).toEqual([]);
      const edited = wire.editRequest(body, facts, { ...edits, cacheKey: 'another' });
      expect(edited.named).toEqual(['prompt_cache_key']);
      expect(JSON.parse(Buffer.from(edited.body).toString())).toEqual({
        ...JSON.parse(Buffer.from(body).toString()),
        prompt_cache_key: 'another',
      });
    },
  );

  it('is told to nobody who was seen to refuse it, and made up for nobody', () => {
    const { wire, body, facts } = read('openai', { prompt_cache_key: 'app' });
    const edits = { model: facts.model, askUsage: false, cacheKey: 'another' };
    expect(wire.editRequest(body, facts, { ...edits, drop: ['prompt_cache_key'] }).named).toEqual([
      '-prompt_cache_key',
    ]);
    const plain = read('openai', { prompt_cache_key: null });
    expect(plain.wire.editRequest(plain.body, plain.facts, edits).named).toEqual([]);
  });
});
