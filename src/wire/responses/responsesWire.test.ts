import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { hasFeature, needed } from '../../vocabulary/index.ts';

import type { Failure } from '../../vocabulary/index.ts';
import { eventsIn, factsFor } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import type { RequestEdits } from '../wire.ts';
import { decodeText, encodeParts, streamOf } from './codec/answers.fixture.ts';
import { responsesWire } from './responsesWire.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8');
const cut = { code: 'upstream_truncated', status: 502, message: 'cut', requestId: 'r' };

describe('errors', () => {
  it('have the shape of recorded ones', () => {
    expect(
      JSON.parse(text(responsesWire.errorBody({ ...cut, parameter: 'model', status: 404, code: 'unknown_model' }))),
    ).toEqual({
      error: { message: 'cut', type: 'invalid_request_error', param: 'model', code: 'unknown_model' },
    });
  });

  it('say that a budget is spent by the words that stop those who try again', () => {
    const error = { code: 'budget_exhausted', status: 429, message: 'spent', requestId: 'r' };
    expect(responsesWire.errorStatuses['budget_exhausted']).toBe(429);
    expect(JSON.parse(text(responsesWire.errorBody(error)))).toEqual({
      error: { message: 'spent', type: 'insufficient_quota', param: null, code: 'insufficient_quota' },
    });
  });

  it('say that nobody holds an answer any more as the vendor does', () => {
    const error = {
      code: 'state_target_gone',
      status: 400,
      message: 'gone',
      requestId: 'r',
      parameter: 'previous_response_id',
    };
    expect(responsesWire.errorStatuses['state_target_gone']).toBe(400);
    expect(JSON.parse(text(responsesWire.errorBody(error)))).toEqual({
      error: {
        message: 'gone',
        type: 'invalid_request_error',
        param: 'previous_response_id',
        code: 'previous_response_not_found',
      },
    });
  });

  it('inside a stream are one event that is a failed response, with the error in it and beside it', () => {
    const [event, ...others] = eventsIn(responsesWire.streamError(cut));
    expect(others).toEqual([]);
    const error = { code: 'upstream_truncated', message: 'cut' };
    expect([event?.event, JSON.parse(event?.data ?? '')]).toMatchObject([
      'response.failed',
      { type: 'response.failed', response: { status: 'failed', error }, error },
    ]);
    const { steps } = decodeText(streamOf([], null) + text(responsesWire.streamError(cut)));
    expect(steps.at(-1)).toMatchObject({ kind: 'failure' });
  });

  it('inside a stream are raised by the official SDK, by its helper too', async () => {
    const begun = encodeParts([
      { type: 'answer-start', id: '', model: 'm' },
      { type: 'text-start', block: 0 },
      { type: 'text-delta', block: 0, text: 'half' },
    ]);
    const client = new OpenAI({
      apiKey: 'none',
      baseURL: 'http://sdk.invalid',
      maxRetries: 0,
      fetch: () =>
        Promise.resolve(
          new Response(begun + text(responsesWire.streamError(cut)), {
            headers: { 'content-type': 'text/event-stream' },
          }),
        ),
    });
    const ask = { model: 'm', input: 'hi' };
    const seen: string[] = [];
    const read = async (): Promise<void> => {
      for await (const event of await client.responses.create({ ...ask, stream: true })) seen.push(event.type);
    };
    await expect(read()).rejects.toMatchObject({ code: 'upstream_truncated' });
    expect(seen).toContain('response.output_text.delta');
    await expect(client.responses.stream(ask).finalResponse()).rejects.toMatchObject({ code: 'upstream_truncated' });
  });
});

it('lists models in the shape that Codex takes beside the plain one', () => {
  expect(JSON.parse(text(responsesWire.listModels([{ id: 'a', createdAtS: 5, ownedBy: 'o' }])))).toEqual({
    object: 'list',
    data: [{ id: 'a', object: 'model', created: 5, owned_by: 'o' }],
    models: [],
  });
});

it('knows where its operations are', () => {
  const words = { model: 'm', stream: false };
  expect(responsesWire.upstreamPath('generate', words)).toBe('/responses');
  expect(responsesWire.upstreamPath('countTokens', words)).toBe('/responses/input_tokens');
  expect(responsesWire.upstreamPath('embed', words)).toBeNull();
});

describe('what is read of a request', () => {
  const factsOf = (more: object) => factsFor(responsesWire, 'generate', { model: 'm', input: 'hi', ...more });
  const faultOf = (body: object): unknown => {
    const read = responsesWire.readRequest(utf8Bytes(JSON.stringify(body)), 'generate');
    return read.ok ? null : read.fault.parameter;
  };

  it('is its bound, its stream and what it needs', () => {
    expect(factsOf({ stream: true, max_output_tokens: 9, tools: [{ type: 'function', name: 'f' }] })).toMatchObject({
      stream: true,
      usageAsked: true,
      outputBoundTokens: 9,
      choices: 1,
      requirements: { features: needed(true, 'tools') | needed(true, 'stream') },
    });
    expect(
      hasFeature(factsOf({ text: { format: { type: 'json_object' } } }).requirements.features, 'structuredOutput'),
    ).toBe(true);
    expect(
      hasFeature(
        factsOf({ input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'data:,' }] }] }).requirements
          .features,
        'images',
      ),
    ).toBe(true);
    expect(factsOf({ reasoning: { effort: 'none' } }).thinkingOff).toBe(true);
    expect(factsFor(responsesWire, 'countTokens', { model: 'm', input: 'hi', stream: true })).toMatchObject({
      stream: false,
      outputBoundTokens: 0,
    });
  });

  it('is which conversation its vendor must hold, and whether it keeps the answer', () => {
    expect(factsOf({ previous_response_id: 'r' })).toMatchObject({
      conversation: { continues: 'r', parameter: 'previous_response_id' },
      answerKept: true,
    });
    expect(factsOf({ conversation: { id: 'c' }, store: false })).toMatchObject({
      conversation: { continues: null, parameter: 'conversation' },
    });
    for (const key of ['conversation', 'answerKept']) expect(factsOf({ store: false })).not.toHaveProperty(key);
  });

  it.each([
    { previous_response_id: 'r' },
    { conversation: 'c' },
    { prompt: { id: 'p' } },
    { tools: [{ type: 'web_search' }] },
    { input: [{ type: 'item_reference', id: 'x' }] },
    { input: [{ role: 'user', content: [{ type: 'input_image', image_url: 'https://x.example' }] }] },
    { input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'f' }] }] },
    { input: [{ role: 'user', content: [{ type: 'input_file', file_url: 'https://x.example' }] }] },
  ])('does not bound its input by its body where it refers elsewhere: %j', (more) => {
    expect(factsOf(more).inputBoundTokens).toBeNull();
    expect(factsOf({}).inputBoundTokens).toBeGreaterThan(0);
  });

  it.each([
    [{ input: 'hi' }, 'model'],
    [{ model: 'm' }, 'input'],
    [{ model: 'm', input: 3 }, 'input'],
    [{ model: 'm', previous_response_id: 'r', input: {} }, 'input'],
    [{ model: 'm', input: 'hi', max_output_tokens: 0 }, 'max_output_tokens'],
    [{ model: 'm', previous_response_id: 'r' }, null],
  ])('is refused or taken: %j', (body, parameter) => {
    expect(faultOf(body)).toBe(parameter);
  });
});

describe('edits', () => {
  const edit = (body: object, edits: Partial<RequestEdits> = {}) => {
    const bytes = utf8Bytes(JSON.stringify(body));
    const read = responsesWire.readRequest(bytes, 'generate');
    if (!read.ok) throw new Error(read.fault.message);
    const { body: edited, named } = responsesWire.editRequest(bytes, read.value, {
      model: 'm',
      askUsage: true,
      ...edits,
    });
    return { body: JSON.parse(text(edited)) as unknown, named };
  };
  const own = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'gAAA' };
  const made = { type: 'reasoning', id: 'rs_archipel_r_0', summary: [] };
  const foreign = { type: 'reasoning', id: 'x', summary: [], encrypted_content: 'archipel:anthropic:S' };
  const say = { role: 'user', content: 'What does archipel: mean?' };

  it('leave a request as it is but for the name of the model', () => {
    const body = { model: 'a', input: [own, say], stream: true };
    expect(edit(body, { model: 'b' })).toEqual({ body: { ...body, model: 'b' }, named: ['model'] });
  });

  it('leave out what vendors of other wires have thought, since no vendor of this one has it', () => {
    expect(edit({ model: 'm', input: [own, made, foreign, say] })).toEqual({
      body: { model: 'm', input: [own, say] },
      named: ['-reasoning'],
    });
  });

  it('look for it in what clients send, and not in what was written here', () => {
    expect(edit({ model: 'm', input: [made, say] }, { translated: true }).named).toEqual([]);
  });

  it('leave out all of it for a target that has refused it', () => {
    expect(edit({ model: 'm', input: [own, say] }, { withoutThinking: true })).toEqual({
      body: { model: 'm', input: [say] },
      named: ['-reasoning'],
    });
    expect(edit({ model: 'm', input: 'hi' }, { withoutThinking: true }).named).toEqual([]);
  });

  it('bound what is not bound', () => {
    expect(edit({ model: 'm', input: 'hi' }, { outputBoundTokens: 7 }).body).toMatchObject({ max_output_tokens: 7 });
    expect(edit({ model: 'm', input: 'hi', max_output_tokens: 5 }, { outputBoundTokens: 7 }).named).toEqual([]);
  });
});

describe('a refusal', () => {
  const facts = factsFor(responsesWire, 'generate', { model: 'm', input: 'hi', reasoning: { effort: 'none' } });
  const failureOf = (status: number, error: object): Failure =>
    responsesWire.classify({ status, headers: {}, body: utf8Bytes(JSON.stringify({ error })) }, 0);
  const correctionOf = (status: number, error: object) => responsesWire.correction(failureOf(status, error), facts);

  it.each([
    [
      400,
      { code: 'previous_response_not_found', message: "Previous response with id 'resp_1' not found." },
      'client',
      'state_not_found',
    ],
    [404, { code: null, message: "Conversation with id 'conv_1' not found." }, 'client', 'state_not_found'],
    [404, { code: null, message: "Item with id 'msg_1' not found." }, 'client', 'state_not_found'],
    [404, { code: null, message: "Vector store with id 'vs_1' not found." }, 'client', 'state_not_found'],
    [404, { code: null, message: "Prompt with id 'pmpt_1' not found." }, 'client', 'state_not_found'],
    [
      400,
      { code: 'invalid_encrypted_content', message: 'The encrypted content gAAA could not be verified.' },
      'capability',
      'foreign_reasoning',
    ],
    [
      404,
      { code: null, message: "Item with id 'rs_1' not found. Items are not persisted when `store` is set to false." },
      'capability',
      'foreign_reasoning',
    ],
    [400, { code: 'invalid_base64_image', message: 'no image' }, 'client', 'bad_request'],
    [400, { code: 'image_content_policy_violation', message: 'no' }, 'content_policy', 'content_policy'],
  ])('with %i and %j means %s', (status, error, failureClass, cause) => {
    expect(failureOf(status, error)).toMatchObject({ class: failureClass, cause });
  });

  it('of reasoning that another account has made is mended without it', () => {
    expect(correctionOf(400, { code: 'invalid_encrypted_content', message: 'x' })).toEqual({
      withoutThinking: true,
      once: true,
    });
  });

  it('of a hint is mended without it, of what shapes the answer never', () => {
    const unknown = (param: string) =>
      correctionOf(400, { code: 'unknown_parameter', param, message: 'Unknown parameter' });
    expect(unknown('client_metadata')).toEqual({ drop: ['client_metadata'] });
    expect(unknown('reasoning.effort')).toEqual({ drop: ['reasoning'] });
    expect(unknown('temperature')).toBeNull();
    expect(unknown('constructor')).toBeNull();
    expect(
      responsesWire.accommodation(factsFor(responsesWire, 'generate', { model: 'm', input: 'x', temperature: 1 }), [
        'temperature',
      ]),
    ).toEqual({
      drop: ['temperature'],
      rename: {},
    });
  });
});
