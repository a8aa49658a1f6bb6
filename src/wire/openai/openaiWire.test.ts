import { describe, expect, it } from 'vitest';

import { eventsIn, fixtureJson } from '../recordings.fixture.ts';
import { isJsonObject, listIn, objectIn, textIn } from '../json/JsonObject.ts';
import { utf8Bytes } from '../utf8.ts';
import { openaiWire } from './openaiWire.ts';
import { readUsage } from './readUsage.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const error = {
  code: 'unknown_model',
  status: 404,
  message: 'There is no "x"\nhere.',
  requestId: 'r1',
  parameter: 'model',
};

describe('openaiWire', () => {
  it('says errors in the shape of recorded ones', () => {
    const recorded = objectIn(
      objectIn(objectIn({ file: fixtureJson('recordings/openai/error-401.json') }, 'file'), 'response'),
      'body',
    );
    const ours: unknown = JSON.parse(text(openaiWire.errorBody(error)));
    expect(ours).toEqual({
      error: { message: error.message, type: 'invalid_request_error', param: 'model', code: 'unknown_model' },
    });
    expect(Object.keys(objectIn(recorded, 'error') ?? {}).toSorted()).toEqual(['code', 'message', 'param', 'type']);
  });

  it.each([
    [400, 'invalid_request_error'],
    [401, 'invalid_request_error'],
    [402, 'insufficient_quota'],
    [403, 'permission_error'],
    [429, 'rate_limit_error'],
    [502, 'server_error'],
    [503, 'server_error'],
  ])('gives %i the type %s', (status, type) => {
    expect(JSON.parse(text(openaiWire.errorBody({ code: 'c', status, message: 'm', requestId: 'r' })))).toEqual({
      error: { message: 'm', type, param: null, code: 'c' },
    });
  });

  it('says an error inside a stream as one event, named by its own type where it is a cut, and never [DONE]', () => {
    const bytes = openaiWire.streamError({
      code: 'upstream_truncated',
      status: 502,
      message: 'cut\r\n\r\ndata: x',
      requestId: 'r',
    });
    const events = eventsIn(bytes);
    expect(events).toHaveLength(1);
    expect(JSON.parse(events[0]?.data ?? '')).toEqual({
      error: { message: 'cut\r\n\r\ndata: x', type: 'upstream_truncated', param: null, code: 'upstream_truncated' },
    });
    expect(text(bytes)).not.toContain('[DONE]');
  });

  it('keeps streams alive with a comment that joins the next event', () => {
    const events = eventsIn(Buffer.concat([openaiWire.ping, Buffer.from('data: {}\n\n')]));
    expect(events.map(({ data }) => data)).toEqual(['{}']);
  });

  it('lists models in its shape', () => {
    expect(JSON.parse(text(openaiWire.listModels([{ id: 'a', createdAtS: 5, ownedBy: 'o' }])))).toEqual({
      object: 'list',
      data: [{ id: 'a', object: 'model', created: 5, owned_by: 'o' }],
    });
  });

  it('knows where its operations are and how its key is carried', () => {
    expect(openaiWire.upstreamPath('generate', { model: 'm', stream: false })).toBe('/chat/completions');
    expect(openaiWire.upstreamPath('countTokens', { model: 'm', stream: false })).toBeNull();
    expect(openaiWire.credentialHeaders('k')).toEqual({ authorization: 'Bearer k' });
  });

  it.each([
    ['generate', 'nope', 'undecodable_answer'],
    ['generate', '[]', 'undecodable_answer'],
    ['generate', '{"object":"list","data":[]}', 'not_an_answer'],
    ['embed', '{"choices":[]}', 'not_an_answer'],
    ['generate', '<html>ok</html>', 'undecodable_answer'],
  ] as const)('does not take for an answer to %s: %s', (operation, body, cause) => {
    expect(openaiWire.readAnswer(operation, utf8Bytes(body))).toMatchObject({
      ok: false,
      fault: { class: 'protocol', cause },
    });
  });

  it('finds an error in an answer with status 200', () => {
    expect(openaiWire.readAnswer('generate', utf8Bytes('{"error":{"code":502,"message":"down"}}'))).toMatchObject({
      ok: false,
      fault: { class: 'transient', status: 502 },
    });
    const inChoice = '{"choices":[{"error":{"code":429,"message":"slow"}}]}';
    expect(openaiWire.readAnswer('generate', utf8Bytes(inChoice))).toMatchObject({
      ok: false,
      fault: { class: 'quota' },
    });
  });

  it('takes an answer without usage', () => {
    expect(openaiWire.readAnswer('generate', utf8Bytes('{"choices":[{"message":{"content":"é"}}]}'))).toEqual({
      ok: true,
      value: { usage: null, outputBytes: 2 },
    });
  });
});

describe('readUsage of the openai wire', () => {
  it.each([
    [
      { prompt_tokens: 10, completion_tokens: 8, completion_tokens_details: { reasoning_tokens: 8 } },
      { input: 10, reasoning: 8, requests: 1 },
    ],
    [
      { prompt_tokens: 10, completion_tokens: 5, completion_tokens_details: { reasoning_tokens: 8 } },
      { input: 10, reasoning: 8, output: 5, requests: 1 },
    ],
    [
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, completion_tokens_details: { reasoning_tokens: 8 } },
      { input: 10, reasoning: 5, requests: 1 },
    ],
    [
      { prompt_tokens: 10, completion_tokens: 9, total_tokens: 22, completion_tokens_details: { reasoning_tokens: 3 } },
      { input: 10, reasoning: 3, output: 9, requests: 1 },
    ],
    [
      { prompt_tokens: 10, completion_tokens: 0, prompt_tokens_details: { cached_tokens: 99, audio_tokens: 5 } },
      { cacheRead: 10, requests: 1 },
    ],
    [
      {
        prompt_tokens: 100,
        completion_tokens: 50,
        prompt_tokens_details: { cached_tokens: 20, audio_tokens: 30, image_tokens: 10 },
        completion_tokens_details: { audio_tokens: 40, reasoning_tokens: 5 },
      },
      {
        input: 40,
        cacheRead: 20,
        inputAudio: 30,
        inputImage: 10,
        output: 5,
        outputAudio: 40,
        reasoning: 5,
        requests: 1,
      },
    ],
    [
      { prompt_tokens: 10, prompt_cache_hit_tokens: 4, completion_tokens: 1 },
      { input: 6, cacheRead: 4, output: 1, requests: 1 },
    ],
    [{ total_tokens: 7 }, { input: 7, requests: 1 }],
    [{ prompt_tokens: 0, completion_tokens: 0 }, { requests: 1 }],
    [{}, null],
    [{ prompt_tokens: -1, completion_tokens: 'x', total_tokens: 1.5 }, null],
    [
      { prompt_tokens: null, completion_tokens: 3 },
      { output: 3, requests: 1 },
    ],
  ])('reads %j', (usage, buckets) => {
    expect(readUsage(usage)).toEqual(buckets);
  });

  it('charges cache tokens once (case 33)', () => {
    const cases = objectIn({ file: fixtureJson('cases/33-cache-tokens-billed-twice.usages.json') }, 'file');
    const openai = listIn(cases, 'cases').find((one) => isJsonObject(one) && textIn(one, 'vendor') === 'openai');
    const usage = isJsonObject(openai) ? objectIn(openai, 'usage') : null;
    expect(readUsage(usage ?? {})).toEqual({ input: 4, cacheRead: 2455, output: 23, requests: 1 });
  });
});
