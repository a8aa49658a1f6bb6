import { describe, expect, it } from 'vitest';

import { needed } from '../../vocabulary/index.ts';
import { greeting, thinker } from '../codec/requests.fixture.ts';
import { isJsonObject, listIn, objectIn, textIn } from '../json/JsonObject.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { canPass, translatingPassage } from '../passage/passage.ts';
import { frame } from '../codec/answers.fixture.ts';
import { fixtureJson } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import { bedrockWire } from './bedrockWire.ts';
import { claude } from './recordings.fixture.ts';

const passageOf = (changes: object = {}) => {
  const translation = { client: openaiWire, request: { ...greeting, ...changes }, frame };
  const passage = translatingPassage(translation, bedrockWire, { ...thinker, model: claude, outputTokensMax: 900 });
  if (!passage.ok) throw new Error(passage.fault.message);
  return passage.value;
};

describe('bedrockWire', () => {
  it.each([
    ['anthropic.claude-v2:1', false, '/model/anthropic.claude-v2%3A1/converse'],
    ['amazon.nova-lite-v1:0', true, '/model/amazon.nova-lite-v1%3A0/converse-stream'],
    ['arn:aws:bedrock:a:1:p/x', false, '/model/arn%3Aaws%3Abedrock%3Aa%3A1%3Ap%2Fx/converse'],
  ])('calls %s, streamed %s, at %s', (model, stream, path) => {
    expect(bedrockWire.upstreamPath('generate', { model, stream })).toBe(path);
  });

  it('has vectors where models are invoked, and no counts; it takes a key of its own as a bearer', () => {
    for (const operation of ['countTokens', 'listModels'] as const) {
      expect(canPass(openaiWire, bedrockWire, operation)).toBe(false);
    }
    expect(canPass(openaiWire, bedrockWire, 'generate')).toBe(true);
    const words = { model: 'amazon.titan-embed-text-v2:0', stream: false };
    expect(bedrockWire.upstreamPath('embed', words)).toBe('/model/amazon.titan-embed-text-v2%3A0/invoke');
    expect(bedrockWire.credentialHeaders('k')).toEqual({ authorization: 'Bearer k' });
  });

  it('reads of its own request what a hold rests on, and the vendor’s name of the model', () => {
    const tools = [{ name: 'f', description: null, parameters: {}, strict: null }];
    expect(passageOf({ tools, stream: true }).facts).toMatchObject({
      model: claude,
      stream: true,
      usageAsked: true,
      outputBoundTokens: 900,
      choices: 1,
      requirements: { features: needed(true, 'tools') | needed(true, 'stream') },
    });
    expect(passageOf({ outputTokensMax: 7 }).facts.outputBoundTokens).toBe(7);
    expect(bedrockWire.readRequest(utf8Bytes('{}'), 'generate')).toMatchObject({ ok: false });
  });

  it('edits nothing: the body is written for its target', () => {
    const { body, facts } = passageOf();
    expect(bedrockWire.editRequest(body, facts, { model: claude, askUsage: false })).toEqual({ body, named: [] });
    expect(bedrockWire.accommodation(facts, ['messages'])).toEqual({});
    expect(bedrockWire.correction({ class: 'capability', cause: 'unsupported_parameter' }, facts)).toBeNull();
  });

  it('leaves thinking out whose signature is refused, of that request alone', () => {
    const { facts } = passageOf();
    const words = 'messages.1.content.0: Invalid `signature` in `thinking` block';
    const answer = {
      status: 400,
      headers: { 'x-amzn-errortype': 'ValidationException' },
      body: utf8Bytes(JSON.stringify({ message: words })),
    };
    const refused = bedrockWire.classify(answer, 0);
    expect(bedrockWire.correction(refused, facts)).toEqual({ withoutThinking: true, once: true });
    const edited = (body: object): unknown => {
      const edits = { model: claude, askUsage: false, withoutThinking: true };
      const { body: bytes, named } = bedrockWire.editRequest(utf8Bytes(JSON.stringify(body)), facts, edits);
      return [JSON.parse(Buffer.from(bytes).toString()), named];
    };
    const thought = { reasoningContent: { reasoningText: { text: 'hm', signature: 'x' } } };
    const call = { toolUse: { toolUseId: 't', name: 'f', input: {} } };
    const [asked, result] = [
      { role: 'user', content: [{ text: 'a' }] },
      { role: 'user', content: [{ toolResult: {} }] },
    ];
    const bodyOf = (thinking: object, ...content: object[]) => ({
      messages: [asked, { role: 'assistant', content }, result],
      additionalModelRequestFields: { ...thinking, top_k: 4 },
    });
    const budget = { thinking: { type: 'enabled', budget_tokens: 1_024 } };
    expect(edited(bodyOf(budget, thought, call))).toEqual([bodyOf({}, call), ['-thinking']]);
    const adaptive = { thinking: { type: 'adaptive' } };
    expect(edited(bodyOf(adaptive, thought, call))).toEqual([bodyOf(adaptive, call), ['-thinking']]);
    expect(edited(bodyOf(budget, thought, { text: 'b' }))).toEqual([bodyOf(budget, { text: 'b' }), ['-thinking']]);
    expect(edited(bodyOf(budget, call))).toEqual([bodyOf(budget, call), []]);
    // Nothing is left of the answer: the vendor wants turns in turn.
    const next = { role: 'user', content: [{ text: 'c' }] };
    const alone = { messages: [asked, { role: 'assistant', content: [thought] }, next] };
    const turn = { role: 'user', content: [{ text: 'a' }, { text: 'c' }] };
    expect(edited(alone)).toEqual([{ messages: [turn] }, ['-thinking']]);
  });

  it('charges cache tokens once (case 33)', () => {
    const cases = objectIn({ file: fixtureJson('cases/33-cache-tokens-billed-twice.usages.json') }, 'file');
    const one = listIn(cases, 'cases').find((entry) => isJsonObject(entry) && textIn(entry, 'vendor') === 'bedrock');
    const usage = isJsonObject(one) ? objectIn(one, 'usage') : null;
    const body = { output: { message: { content: [] } }, stopReason: 'end_turn', usage };
    expect(bedrockWire.codec.decodeAnswer(utf8Bytes(JSON.stringify(body)))).toMatchObject({
      ok: true,
      value: { usage: { input: 12, cacheRead: 2000, cacheWrite5m: 500, output: 40, requests: 1 } },
    });
  });
});
