import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openTestSandbox } from '../openTestSandbox.fixture.ts';
import type { TestSandbox } from '../openTestSandbox.fixture.ts';
import { sandboxCredential } from '../startSandbox.ts';
import { framesIn, splitFrames } from './frames.fixture.ts';
import { writeFrame } from './writeFrame.ts';

const recordings = new URL('../../../test/fixtures/recordings/bedrock/', import.meta.url);

let opened: TestSandbox;
beforeAll(async () => {
  opened = await openTestSandbox();
});
afterAll(() => opened[Symbol.asyncDispose]());

const question = { role: 'user', content: [{ text: 'What is the weather in Paris?' }] };
const citySchema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const weather = { toolSpec: { name: 'get_weather', description: 'Weather', inputSchema: { json: citySchema } } };
const offered = { toolConfig: { tools: [weather] } };

const post = (body: unknown, path = '/model/chat-large/converse') => opened.post('cascade', path, body);
const ask = async (more: object = {}) => {
  const answer = await post({ messages: [question], ...more });
  expect(answer.status, answer.text).toBe(200);
  return JSON.parse(answer.text);
};

/** The frames of a stream, as they came. */
const stream = async (more: object = {}) => {
  const response = await fetch(`${opened.url('cascade')}/model/chat-large/converse-stream`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sandboxCredential}` },
    body: JSON.stringify({ messages: [question], ...more }),
  });
  expect(response.headers.get('content-type')).toBe('application/vnd.amazon.eventstream');
  return framesIn(Buffer.from(await response.arrayBuffer()));
};

const typeOf = ({ headers }: { readonly headers: Headers }): string | undefined =>
  headers.get('x-amzn-errortype')?.split(':')[0];

describe('a frame', () => {
  // By hand from smithy.io/2.0/aws/amazon-eventstream.html: lengths, headers and payload; both checksums by the table of ISO 3309.
  test('is what the published format says, byte for byte', () => {
    expect(writeFrame({}, '').toString('hex')).toBe('000000100000000005c248eb7d98c8ff');
    const written = writeFrame({ ':event-type': 'a' }, '{}');
    expect(written.length).toBe(4 + 4 + 4 + (1 + 11 + 1 + 2 + 1) + 2 + 4);
    expect(written.subarray(0, 8).toString('hex')).toBe('0000002200000010');
    expect(written.subarray(12, 28)).toEqual(Buffer.from('\x0b:event-type\x07\x00\x01a', 'latin1'));
    expect(written.subarray(28, 30).toString()).toBe('{}');
  });

  test.each(['converse-stream-tool', 'converse-stream-nova', 'guardrail-stream', 'structured-output-stream'])(
    'is the same as what Amazon sent, for all of %s',
    (name) => {
      const recorded = splitFrames(readFileSync(new URL(`${name}.response.bin`, recordings)));
      expect(recorded.length).toBeGreaterThan(4);
      for (const frame of recorded) {
        const headersEnd = 12 + frame.readUInt32BE(4);
        const [read] = framesIn(frame);
        expect(writeFrame(read!.headers, frame.toString('utf8', headersEnd, frame.length - 4))).toEqual(frame);
      }
    },
  );
});

describe('a conversation', () => {
  test('is answered in the members that are recorded, with the tokens that it counts', async () => {
    const answer = await ask();
    const recorded = JSON.parse(readFileSync(new URL('converse-parallel-tools.0.json', recordings), 'utf8')).response
      .body;
    expect(Object.keys(answer)).toEqual(Object.keys(recorded));
    expect(Object.keys(answer.usage)).toEqual(Object.keys(recorded.usage));
    expect(answer).toMatchObject({
      output: { message: { role: 'assistant', content: [{ text: expect.stringMatching(/\S+ \S+/) }] } },
      stopReason: 'end_turn',
      // 3 for the template, 3 and 8 tokens for the message: What| is| the| weathe|r| in| Paris|?
      usage: { inputTokens: 14 },
    });
    expect(answer.usage.totalTokens).toBe(14 + answer.usage.outputTokens);
  });

  test('is streamed in the order that is recorded, a token an event, usage last', async () => {
    const frames = await stream();
    const types = frames.map(({ headers }) => headers[':event-type']);
    const deltas = frames.filter((_, at) => types[at] === 'contentBlockDelta');
    expect(types).toEqual([
      'messageStart',
      ...deltas.map(() => 'contentBlockDelta'),
      'contentBlockStop',
      'messageStop',
      'metadata',
    ]);
    expect(frames[0]!.payload).toEqual({ role: 'assistant', p: expect.stringMatching(/^abc/) });
    expect(frames.at(-2)!.payload).toMatchObject({ stopReason: 'end_turn' });
    expect(frames.at(-1)!.payload).toMatchObject({ usage: { inputTokens: 14, outputTokens: deltas.length } });
    const text = deltas.map(({ payload }) => payload.delta.text).join('');
    expect((await ask()).output.message.content).toEqual([{ text }]);
  });

  test('goes through a round of tools, whole and streamed', async () => {
    const { output, stopReason } = await ask(offered);
    expect(stopReason).toBe('tool_use');
    const [said, { toolUse }] = output.message.content;
    expect(said.text).toContain('get_weather');
    expect(toolUse).toEqual({
      toolUseId: expect.stringMatching(/^tooluse_[A-Za-z0-9]{22}$/),
      name: 'get_weather',
      input: { city: 'Paris' },
    });
    const frames = await stream(offered);
    const start = frames.find(({ headers }) => headers[':event-type'] === 'contentBlockStart')!;
    expect(start.payload).toMatchObject({
      contentBlockIndex: 1,
      start: { toolUse: { toolUseId: toolUse.toolUseId, name: 'get_weather' } },
    });
    expect(frames.map(({ payload }) => payload.delta?.toolUse?.input ?? '').join('')).toBe('{"city":"Paris"}');
    const result = { toolUseId: toolUse.toolUseId, content: [{ text: 'sunny' }, { json: { degrees: 21 } }] };
    const messages = [question, output.message, { role: 'user', content: [{ toolResult: result }] }];
    const last = await ask({ ...offered, messages });
    expect(last.output.message.content[0].text).toContain('get_weather answered: sunny\n{"degrees":21}');
  });

  test.each([
    [{ any: {} }, 1],
    [{ tool: { name: 'get_weather' } }, 1],
    [{ auto: {} }, 2],
  ])('honours the tool choice %o', async (toolChoice, blocks) => {
    const answer = await ask({ toolConfig: { tools: [weather], toolChoice } });
    expect([answer.stopReason, answer.output.message.content.length]).toEqual(['tool_use', blocks]);
  });

  test('ends at its bound and at a stop sequence', async () => {
    expect(await ask({ inferenceConfig: { maxTokens: 3 } })).toMatchObject({
      stopReason: 'max_tokens',
      usage: { outputTokens: 3 },
    });
    expect(await ask({ inferenceConfig: { stopSequences: ['weather'] } })).toMatchObject({
      stopReason: 'stop_sequence',
    });
  });

  test('is answered in the schema that was asked for', async () => {
    const schema = JSON.stringify({ ...citySchema, additionalProperties: false });
    const textFormat = { type: 'json_schema', structure: { jsonSchema: { schema, name: 'city' } } };
    const { output } = await ask({ outputConfig: { textFormat } });
    expect(JSON.parse(output.message.content[0].text)).toEqual({ city: 'Paris' });
  });

  test('takes pictures, documents, system prompts and answers that have begun', async () => {
    const bytes = Buffer.from('abc').toString('base64');
    const content = [
      { text: 'Look' },
      { image: { format: 'png', source: { bytes } } },
      { document: { format: 'txt', name: 'Notes', source: { bytes } } },
    ];
    const { usage } = await ask({
      system: [{ text: 'Be brief.' }],
      messages: [
        { role: 'user', content },
        { role: 'assistant', content: [{ text: 'It is' }] },
      ],
    });
    expect(usage.inputTokens).toBeGreaterThan(72 + 12);
  });
});

describe('vectors', () => {
  test('come in one space with the rivals, counted in a header and billed', async () => {
    const body = { texts: ['a lighthouse', 'the sea'], input_type: 'search_document', embedding_types: ['float'] };
    const before = (await opened.sandbox.read('cascade')).tokens.input ?? 0;
    const { text, headers } = await post(body, '/model/cohere.embed-v4%3A0/invoke');
    const rival = await opened.post('aurora', '/v1/embeddings', { model: 'embed-small', input: body.texts });
    expect(JSON.parse(text).embeddings.float).toEqual(
      JSON.parse(rival.text).data.map(({ embedding }: { embedding: number[] }) => embedding),
    );
    expect(headers.get('x-amzn-bedrock-input-token-count')).toBe('5');
    expect((await opened.sandbox.read('cascade')).tokens.input).toBe(before + 5);
  });

  test('have one of four lengths, and are cut only where that is allowed', async () => {
    const path = '/model/cohere.embed-v4%3A0/invoke';
    const body = { texts: ['one two three'], input_type: 'search_query' };
    const { text } = await post({ ...body, output_dimension: 256 }, path);
    expect(JSON.parse(text).embeddings[0]).toHaveLength(256);
    expect((await post({ ...body, output_dimension: 300 }, path)).status).toBe(400);
    expect((await post({ ...body, max_tokens: 1 }, path)).status).toBe(400);
    const of = async (truncate: string) =>
      JSON.parse((await post({ ...body, max_tokens: 1, truncate }, path)).text).embeddings;
    const one = JSON.parse((await post({ ...body, texts: ['one'] }, path)).text).embeddings;
    expect(await of('RIGHT')).toEqual(one);
    expect(await of('LEFT')).not.toEqual(one);
  });
});

describe('is refused in the vendor’s own words', () => {
  const use = (toolUseId: string) => ({
    role: 'assistant',
    content: [{ toolUse: { toolUseId, name: 'get_weather', input: {} } }],
  });
  const result = (toolUseId: string, content: object[] = [{ text: 'ok' }]) => ({
    role: 'user',
    content: [{ toolResult: { toolUseId, content } }],
  });
  const user = (...content: object[]) => ({ messages: [{ role: 'user', content }] });
  const schema = (text: string) => ({
    outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: text } } } },
  });
  test.each<[string, object, RegExp]>([
    ['a member of no name', { stream: true }, /extraneous key \[stream\] is not permitted/],
    [
      'a block’s member of no name',
      user({ text: 'a', cache: 1 }),
      /#\/messages\/0\/content\/0: extraneous key \[cache\]/,
    ],
    [
      'a role of no name',
      { messages: [{ role: 'system', content: [] }] },
      /'system' at 'messages.1.member.role'.*\[user, assistant\]/,
    ],
    ['no messages', { messages: undefined }, /Value null at 'messages'.*must not be null/],
    ['an empty list of them', { messages: [] }, /must start with a user message/],
    [
      'an answer first',
      { messages: [{ role: 'assistant', content: [{ text: 'a' }] }] },
      /must start with a user message/,
    ],
    ['two questions in a row', { messages: [question, question] }, /must alternate between user and assistant roles/],
    ['a message without content', user(), /messages.0 is empty/],
    ['a blank text', user({ text: ' ' }), /messages.0.content.0 is blank/],
    [
      'a block that says two things',
      user({ text: 'a', image: { format: 'png', source: { bytes: 'YWJj' } } }),
      /exactly one member/,
    ],
    ['bytes that are none', user({ image: { format: 'png', source: { bytes: 'a' } } }), /regular expression pattern/],
    [
      'a file elsewhere',
      user({ image: { format: 'png', source: { s3Location: { uri: 's3://a/b' } } } }),
      /doesn't support s3Location/,
    ],
    ['sound', user({ audio: {} }), /doesn't support audio input/],
    [
      'a document without words',
      user({ document: { name: 'a', source: { text: 'b' } } }),
      /Include a ContentBlock with a text field/,
    ],
    [
      'thinking of another',
      {
        messages: [
          question,
          { role: 'assistant', content: [{ reasoningContent: { redactedContent: 'YWJj' } }] },
          question,
        ],
      },
      /doesn't support reasoning content/,
    ],
    [
      'a point of a cache that it has not',
      user({ text: 'a' }, { cachePoint: { type: 'default' } }),
      /did not allow prompt caching/,
    ],
    ['calls without tools', { messages: [question, use('a'), result('a')] }, /toolConfig field must be defined/],
    [
      'a call without its result',
      { ...offered, messages: [question, use('a'), question] },
      /Expected toolResult blocks at messages.2.content for the following Ids: a/,
    ],
    ['a call at the end', { ...offered, messages: [question, use('a')] }, /Expected toolResult blocks at messages.2/],
    ['a result without its call', { ...offered, messages: [result('a')] }, /exceeds the number of toolUse blocks/],
    [
      'an empty result',
      { ...offered, messages: [question, use('a'), result('a', [])] },
      /ToolResult object at messages.2.content.0.toolResult is empty/,
    ],
    [
      'an id with a colon',
      { ...offered, messages: [question, use('a:b'), result('a:b')] },
      /regular expression pattern/,
    ],
    [
      'a choice of no tool',
      { toolConfig: { tools: [weather], toolChoice: { tool: { name: 'other' } } } },
      /'other' not found/,
    ],
    ['two choices', { toolConfig: { tools: [weather], toolChoice: { any: {}, auto: {} } } }, /exactly one member/],
    ['tools of one name', { toolConfig: { tools: [weather, weather] } }, /must be unique/],
    ['no tools', { toolConfig: { tools: [] } }, /length greater than or equal to 1/],
    [
      'heat above one',
      { inferenceConfig: { temperature: 1.5 } },
      /'1.5' at 'inferenceConfig.temperature'.*less than or equal to 1/,
    ],
    ['a bound of nothing', { inferenceConfig: { maxTokens: 0 } }, /greater than or equal to 1/],
    ['a bound beyond the model', { inferenceConfig: { maxTokens: 200_000 } }, /exceeds the model limit of 128000/],
    ['more than the model reads', user({ text: 'a b '.repeat(250_000) }), /Input is too long for requested model/],
    ['parameters of other models', { additionalModelRequestFields: { top_k: 4 } }, /extraneous key \[top_k\]/],
    ['an open schema', schema('{"type":"object"}'), /'additionalProperties' must be explicitly set to false/],
    ['a schema that is none', schema('{'), /not valid JSON/],
    [
      'an end in blanks',
      { messages: [question, { role: 'assistant', content: [{ text: 'a ' }] }] },
      /trailing whitespace/,
    ],
    ['a guardrail', { guardrailConfig: {} }, /guardrail identifier/],
  ])('%s', async (_, more, words) => {
    const answer = await post({ messages: [question], ...more });
    expect([answer.status, typeOf(answer)]).toEqual([400, 'ValidationException']);
    expect(JSON.parse(answer.text)).toEqual({ message: expect.stringMatching(words) });
  });

  test('what is no JSON, or of another kind', async () => {
    for (const body of ['{', { messages: [{ role: 'user', content: 'hello' }] }]) {
      const answer = await post(body);
      expect([answer.status, typeOf(answer)]).toEqual([400, 'SerializationException']);
    }
  });

  test.each([
    ['/model/none/converse', 400, 'ValidationException', /^The provided model identifier is invalid\.$/],
    ['/model/chat-large/invoke', 400, 'ValidationException', /InvokeModel/],
    ['/model/cohere.embed-v4%3A0/converse', 400, 'ValidationException', /supported text or chat model/],
    ['/model/%zz/converse', 404, 'UnknownOperationException', /./],
    ['/v1/chat/completions', 404, 'UnknownOperationException', /./],
  ])('%s', async (path, status, type, words) => {
    const answer = await post({ messages: [question] }, path);
    expect([answer.status, typeOf(answer)]).toEqual([status, type]);
    expect(JSON.parse(answer.text).message).toMatch(words);
    expect(answer.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  test.each([
    [{ authorization: 'Bearer other' }, 'AccessDeniedException'],
    [{ authorization: 'Basic x' }, 'MissingAuthenticationTokenException'],
  ])('%o', async (headers, type) => {
    const answer = await opened.post('cascade', '/model/chat-large/converse', { messages: [question] }, headers);
    expect([answer.status, typeOf(answer)]).toEqual([403, type]);
  });
});

test('a stream is cut between its frames and within them, the same way for the same request', async () => {
  await opened.sandbox.setVendorFault('cascade', { fault: 'cut-mid-stream', afterEvents: 2 });
  const tail = async (seed: number): Promise<number> => {
    const body = JSON.stringify({ messages: [{ role: 'user', content: [{ text: `number ${seed}` }] }] });
    const response = await fetch(`${opened.url('cascade')}/model/chat-large/converse-stream`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandboxCredential}` },
      body,
    });
    const chunks: Uint8Array[] = [];
    await expect(
      (async () => {
        for await (const chunk of response.body!) chunks.push(chunk);
      })(),
    ).rejects.toThrow('terminated');
    let rest = Buffer.concat(chunks);
    for (let length = 0; rest.length >= 4 && (length = rest.readUInt32BE(0)) <= rest.length;)
      rest = rest.subarray(length);
    return rest.length;
  };
  const tails = [];
  for (let seed = 0; seed < 8; seed++) tails.push(await tail(seed));
  expect(tails).toContain(0);
  expect(tails.some((bytes) => bytes > 12)).toBe(true);
  expect(await tail(0)).toBe(tails[0]);
  await opened.sandbox.setVendorFault('cascade', { fault: 'none' });
});
