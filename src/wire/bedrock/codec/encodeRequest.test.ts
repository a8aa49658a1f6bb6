import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { CodecTarget } from '../../codec/Codec.ts';
import type { GenerateRequest, ImagePart, Message, ToolChoice } from '../../../vocabulary/index.ts';
import { requests, wildRequests } from '../../anthropic/codec/requests.fixture.ts';
import { call, calls, result, said, text, thinker, tool, user } from '../../codec/requests.fixture.ts';
import { listIn, objectIn } from '../../json/JsonObject.ts';
import { normalRequest } from '../../normalRequest.fixture.ts';
import { claude } from '../recordings.fixture.ts';
import { bedrockCodec } from './bedrockCodec.ts';
import { allBlocks, blocksOf, faultOf, messagesOf, nova, readBack, refusalsOf, write } from './requests.fixture.ts';

const llama = 'meta.llama3-1-70b-instruct-v1:0';
const thinking = { mode: 'on', budgetTokens: null, effort: 'high', show: true } as const;
const fieldsOf = (changes: Partial<GenerateRequest>, about?: Partial<CodecTarget>): unknown =>
  write(changes, about).body['additionalModelRequestFields'];

describe('a request on the bedrock wire', () => {
  it('says nothing that was not said', () => {
    expect(write({}).body).toEqual({ messages: [{ role: 'user', content: [{ text: 'hi' }] }] });
  });

  it('asks the same as the request that it was written of, but for what is told as dropped', () => {
    let translated = 0;
    fc.assert(
      fc.property(requests, (asked) => {
        const written = bedrockCodec.encodeRequest(asked, { ...thinker, model: claude });
        if (!written.ok) {
          expect(written.fault.code).toBe('unsupported_feature');
          return;
        }
        translated += 1;
        const { dropped } = written.value;
        const again = readBack(write(asked).body, asked);
        // Forbidden tools are not offered, and their former calls are words.
        if (dropped.includes('tools')) {
          expect(asked.toolChoice).toEqual({ type: 'none' });
          expect(again.tools).toEqual([]);
        } else {
          const serial = dropped.includes('parallel_tool_calls') ? { parallelToolCalls: asked.parallelToolCalls } : {};
          expect(normalRequest({ ...again, ...serial }, asked, dropped)).toEqual(normalRequest(asked, asked, dropped));
        }
      }),
      { numRuns: 300 },
    );
    expect(translated).toBeGreaterThan(100);
  });

  it('holds to the vendor’s rules whatever the history is', () => {
    fc.assert(
      fc.property(wildRequests, fc.constantFrom(claude, nova, llama), (request, model) => {
        const written = bedrockCodec.encodeRequest(request, { ...thinker, model });
        if (written.ok) expect(refusalsOf(JSON.parse(Buffer.from(written.value.body).toString()))).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });

  it('control: the judge of those rules finds each of them broken', () => {
    const turn = (role: string, ...content: object[]) => ({ role, content });
    const point = { cachePoint: { type: 'default' } };
    const use = (id: string) => ({ toolUse: { toolUseId: id, name: 'f', input: {} } });
    const done = (id: string, ...content: object[]) => ({ toolResult: { toolUseId: id, content } });
    const doc = (name: string) => ({ document: { name, format: 'txt', source: { bytes: '' } } });
    const hi = { text: 'hi' };
    const broken = (messages: object[], more = {}): string[] => refusalsOf({ messages, ...more });
    expect(broken([turn('assistant', hi)])).toContain('turns alternate and begin with the user');
    expect(broken([turn('user')])).toContain('no message is empty');
    expect(broken([turn('user', point)])).toContain('a point of the cache has something before it');
    expect(broken([turn('user', done('a', point))])).toContain('no point of the cache stands in a result');
    expect(broken([turn('user', { text: ' ' })])).toContain('no text is blank');
    expect(broken([turn('user', hi), turn('assistant', use('a:b'))])).toEqual(
      expect.arrayContaining(['ids are unique', 'calls and results are pairs', 'calls have tools']),
    );
    expect(broken([turn('user', done('a'))])).toContain('results are not empty');
    expect(broken([turn('user', hi)], { toolConfig: { tools: [] } })).toContain('a tool configuration has tools');
    expect(broken([turn('user', doc('a.txt'))])).toEqual(['documents have names, each once', 'documents go with text']);
    expect(broken([turn('user', hi, doc('a'), doc('a'))])).toEqual(['documents have names, each once']);
    expect(broken([turn('user', hi), turn('assistant', { reasoningContent: {} })])).toContain(
      'no answer ends with thinking',
    );
    expect(broken([turn('user', hi), turn('assistant', { text: 'a ' })])).toEqual(['no blank end']);
    expect(broken([turn('user', ...Array.from({ length: 5 }, () => [hi, point]).flat())])).toEqual(['few points']);
  });

  it('joins turns, and puts the results of a round into one turn of the user', () => {
    const messages = [user(text('go')), calls('a', 'b'), user(result('a')), user(result('b'), text('and?'))];
    const { body } = write({ messages, tools: [tool] });
    expect(messagesOf(body).map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
    expect(blocksOf(messagesOf(body)[2] ?? null)).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: 'ok' }] } },
      { toolResult: { toolUseId: 'b', content: [{ text: 'ok' }] } },
      { text: 'and?' },
    ]);
  });

  it('makes ids of calls that the vendor takes, always the same, and keeps those that fit', () => {
    const messages = [user(text('go')), calls('functions.f:0', 'ok-1'), user(result('functions.f:0'), result('ok-1'))];
    const ids = (body: ReturnType<typeof write>['body']) =>
      allBlocks(body).flatMap(
        (block) => (objectIn(block, 'toolUse') ?? objectIn(block, 'toolResult'))?.['toolUseId'] ?? [],
      );
    const first = ids(write({ messages, tools: [tool] }).body);
    expect(first).toEqual(ids(write({ messages, tools: [tool] }).body));
    expect(first[0]).toMatch(/^tooluse_[a-zA-Z0-9]{22}$/);
    expect(first).toEqual([first[0], 'ok-1', first[0], 'ok-1']);
  });

  it('tells errors of tools by their status, and nothing as something', () => {
    const failed = { type: 'tool-result', callId: 'a', content: [], isError: true } as const;
    const { body } = write({ messages: [user(text('go')), calls('a'), user(failed)], tools: [tool] });
    expect(blocksOf(messagesOf(body)[2] ?? null)).toEqual([
      { toolResult: { toolUseId: 'a', content: [{ text: '(empty)' }], status: 'error' } },
    ]);
  });

  it('refuses arguments that are no object, names of tools that are too long, and a choice of a tool that is not there', () => {
    const history = [
      user(text('go')),
      { role: 'assistant', content: [call('a', '[1]')] },
      user(result('a')),
    ] as Message[];
    expect(faultOf({ messages: history, tools: [tool] })).toMatchObject({ code: 'bad_request', parameter: 'messages' });
    expect(faultOf({ tools: [{ ...tool, name: 'a'.repeat(65) }] })).toMatchObject({ code: 'unsupported_feature' });
    expect(faultOf({ tools: [tool], toolChoice: { type: 'named', name: 'g' } })).toMatchObject({ code: 'bad_request' });
  });
});

describe('tools on the bedrock wire', () => {
  it.each<[ToolChoice | null, unknown]>([
    [null, undefined],
    [{ type: 'auto' }, { auto: {} }],
    [{ type: 'required' }, { any: {} }],
    [{ type: 'named', name: 'f' }, { tool: { name: 'f' } }],
  ])('are chosen by %j', (toolChoice, written) => {
    const { body } = write({ tools: [tool], toolChoice });
    expect(body['toolConfig']).toEqual({
      tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object', properties: {} } } } }],
      ...(written === undefined ? {} : { toolChoice: written }),
    });
  });

  const history: readonly Message[] = [
    user(text('go')),
    { role: 'assistant', content: [call('a', '{"x":1}')] },
    user(result('a', 'done'), text('sum up')),
  ];

  it.each<[string, Partial<GenerateRequest>, string[]]>([
    ['none are offered any more', { tools: [] }, ['tool_calls', 'tool_results']],
    ['they are forbidden', { tools: [tool], toolChoice: { type: 'none' } }, ['tool_calls', 'tool_results', 'tools']],
  ])('leave their calls as words where %s', (_, changes, dropped) => {
    const written = write({ messages: history, ...changes });
    expect(written.dropped).toEqual(dropped);
    expect(written.body).toEqual({
      messages: [
        { role: 'user', content: [{ text: 'go' }] },
        { role: 'assistant', content: [{ text: '[Called the tool f with {"x":1}]' }] },
        {
          role: 'user',
          content: [{ text: 'Result of the tool call a:' }, { text: 'done' }, { text: 'sum up' }],
        },
      ],
    });
  });

  it('are held to closed schemas where the model can be', () => {
    const closed = { type: 'object', properties: { a: { type: 'integer', minimum: 1 } }, required: ['a'] };
    const open = { type: 'object', additionalProperties: true };
    const tools = [
      { ...tool, parameters: closed, strict: true },
      { ...tool, name: 'g', parameters: open, strict: true },
    ];
    const specs = (about?: Partial<CodecTarget>) => {
      const { body, dropped } = write({ tools }, about);
      const written = blocksOf(objectIn(body, 'toolConfig'), 'tools').map(
        (one) => objectIn(one, 'toolSpec')?.['strict'],
      );
      return [written, dropped];
    };
    expect(specs()).toEqual([[true, undefined], ['strict']]);
    expect(specs({ unsupported: ['strict'] })).toEqual([[undefined, undefined], ['strict']]);
    expect(specs({ model: nova })).toEqual([[undefined, undefined], ['strict']]);
  });

  it('cannot be held to one call at a time', () => {
    expect(write({ tools: [tool], parallelToolCalls: false }).dropped).toEqual(['parallel_tool_calls']);
  });
});

describe('media on the bedrock wire', () => {
  const image = (mediaType: string): ImagePart => ({
    type: 'image',
    source: { type: 'base64', mediaType, data: 'AAAA' },
  });
  const file = (mediaType: string, name: string | null) =>
    ({ type: 'file', source: { type: 'base64', mediaType, data: 'AAAA' }, name }) as const;
  const written = (...content: Parameters<typeof user>) =>
    blocksOf(messagesOf(write({ messages: [user(...content)] }).body)[0] ?? null);

  it('stand in the request, by their format', () => {
    expect(written(image('image/jpg'))).toEqual([{ image: { format: 'jpeg', source: { bytes: 'AAAA' } } }]);
    expect(written({ type: 'audio', source: { type: 'base64', mediaType: 'audio/mp3', data: 'AAAA' } })).toEqual([
      { audio: { format: 'mp3', source: { bytes: 'AAAA' } } },
    ]);
  });

  it('give documents names that the vendor takes, each once, and words beside them', () => {
    const blocks = written(
      file('application/pdf', 'Q3 / report.pdf'),
      file('text/x-c', 'Q3 / report.pdf'),
      file('text/csv', null),
    );
    expect(blocks).toEqual([
      { text: 'Q3 - report-pdf' },
      { document: { format: 'pdf', name: 'Q3 - report-pdf', source: { bytes: 'AAAA' } } },
      { document: { format: 'txt', name: 'Q3 - report-pdf (2)', source: { bytes: 'AAAA' } } },
      { document: { format: 'csv', name: 'Document', source: { bytes: 'AAAA' } } },
    ]);
    expect(written(text('read'), file('text/plain', 'a'.repeat(300)))[1]).toMatchObject({
      document: { name: 'a'.repeat(192) },
    });
  });

  it.each([
    ['an address', { type: 'image', source: { type: 'url', url: 'https://a.example/b.png' } }],
    ['what another vendor stores', { type: 'image', source: { type: 'stored', wire: 'openai', id: 'x' } }],
    ['a type that no model takes', image('image/tiff')],
    ['a type like a member of every object', image('constructor')],
    ['a file of an unknown type', file('application/zip', 'a')],
  ] as const)('are refused where they are %s', (_, part) => {
    expect(faultOf({ messages: [user(part)] })).toMatchObject({ code: 'unsupported_feature', parameter: 'messages' });
  });
});

describe('marks for the cache on the bedrock wire', () => {
  const mark = { cache: { lifetime: null } } as const;
  const hour = { cache: { lifetime: '1h' } } as const;
  const point = { cachePoint: { type: 'default' } };
  const marked: Partial<GenerateRequest> = {
    messages: [
      { role: 'system', content: [{ ...text('be kind'), ...hour }] },
      user({ ...text('hi'), ...mark }),
      calls('a'),
      user({ type: 'tool-result', callId: 'a', content: [{ ...text('ok'), ...mark }], isError: false }),
    ],
    tools: [{ ...tool, ...mark }],
  };

  it('are points after what they end', () => {
    const { body, dropped } = write(marked);
    expect(dropped).toEqual([]);
    expect(body['system']).toEqual([{ text: 'be kind' }, { cachePoint: { type: 'default', ttl: '1h' } }]);
    expect(listIn(objectIn(body, 'toolConfig'), 'tools')[1]).toEqual(point);
    expect(allBlocks(body).filter((block) => 'cachePoint' in block)).toEqual([point, point]);
    // Not inside of the result.
    expect(blocksOf(messagesOf(body)[2] ?? null).at(-1)).toEqual(point);
  });

  it.each([
    [nova, 3, ['cache_control']],
    [llama, 0, ['cache_control']],
  ])('are left out where %s keeps nothing', (model, count, dropped) => {
    const written = write(marked, { model });
    expect(JSON.stringify(written.body).split('cachePoint').length - 1).toBe(count);
    expect(written.dropped).toEqual(dropped);
    expect(write(marked, { unsupported: ['cachePoint'] }).dropped).toEqual(['cache_control']);
  });

  it('stay at the end where there are more than the vendor takes', () => {
    const parts = ['a', 'b', 'c', 'd', 'e'].map((words) => ({ ...text(words), ...mark }));
    const { body, dropped } = write({ ...marked, messages: [user(...parts)] });
    expect(dropped).toEqual(['cache_control']);
    expect(listIn(objectIn(body, 'toolConfig'), 'tools')).toHaveLength(1);
    expect(allBlocks(body).map((block) => block['text'] ?? 'point')).toEqual([
      'a',
      'b',
      'point',
      'c',
      'point',
      'd',
      'point',
      'e',
      'point',
    ]);
  });
});

describe('thinking on the bedrock wire', () => {
  const seal = (wire: string) => ({ wire, value: 'EqkE+/=' });
  const thought = (wire: string): Message => ({
    role: 'assistant',
    content: [
      { type: 'thinking', text: 'hm', seal: seal(wire) },
      { type: 'redacted-thinking', seal: seal(wire) },
      call('a'),
    ],
  });
  const history = (wire: string) => ({
    messages: [user(text('go')), thought(wire), user(result('a'))],
    tools: [tool],
  });

  it('goes back to Claude with its seal, byte by byte, also where the Messages API gave it', () => {
    const [, answer] = messagesOf(write(history('anthropic')).body);
    expect(blocksOf(answer ?? null).slice(0, 2)).toEqual([
      { reasoningContent: { reasoningText: { text: 'hm', signature: 'EqkE+/=' } } },
      { reasoningContent: { redactedContent: Buffer.from('EqkE+/=').toString('base64') } },
    ]);
  });

  it.each([
    ['bedrock', claude],
    ['openai', claude],
    ['anthropic', nova],
    ['anthropic', 'arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc'],
  ])('sealed by %s is not sent to %s', (wire, model) => {
    const { body, dropped } = write(history(wire), { model });
    expect(dropped).toEqual(['thinking']);
    expect(JSON.stringify(body)).not.toContain('reasoning');
  });

  it('sealed by another model of this wire goes back as it came', () => {
    const [, answer] = messagesOf(write(history('bedrock'), { model: 'moonshot.kimi-k2' }).body);
    expect(blocksOf(answer ?? null)[1]).toEqual({ reasoningContent: { redactedContent: 'EqkE+/=' } });
  });

  it.each<[string, Partial<GenerateRequest>, Partial<CodecTarget>, unknown, string[]]>([
    [
      'as on the Messages API for Claude',
      { reasoning: thinking, outputTokensMax: 8_000 },
      {},
      { thinking: { type: 'enabled', budget_tokens: 4_000, display: 'summarized' } },
      [],
    ],
    [
      'as the model sees fit',
      { reasoning: { ...thinking, mode: 'adaptive' } },
      { model: 'arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-opus-4-6-v1' },
      { thinking: { type: 'adaptive', display: 'summarized' }, output_config: { effort: 'high' } },
      [],
    ],
    [
      'in Nova’s words',
      { reasoning: { ...thinking, effort: 'low' } },
      { model: nova },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } },
      [],
    ],
    [
      'within Nova’s rule that its most has no bound',
      { reasoning: thinking, outputTokensMax: 9 },
      { model: nova },
      { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'medium' } },
      ['reasoning'],
    ],
    [
      'not at all for Nova',
      { reasoning: { ...thinking, mode: 'off' } },
      { model: nova },
      { reasoningConfig: { type: 'disabled' } },
      [],
    ],
    [
      'by effort for gpt-oss',
      { reasoning: { ...thinking, effort: 'minimal' } },
      { model: 'openai.gpt-oss-120b-1:0' },
      { reasoning_effort: 'low' },
      ['reasoning'],
    ],
    ['not for who knows no words for it', { reasoning: thinking }, { model: llama }, undefined, ['reasoning']],
    [
      'not for a model that cannot',
      { reasoning: thinking },
      { model: nova, reasoning: false },
      undefined,
      ['reasoning'],
    ],
    ['not off where it never thinks', { reasoning: { ...thinking, mode: 'off' } }, { model: llama }, undefined, []],
  ])('is asked for %s', (_, changes, about, fields, dropped) => {
    const { body, dropped: told } = write(changes, about);
    expect(body['additionalModelRequestFields']).toEqual(fields);
    expect(told).toEqual(dropped);
  });
});

describe('settings on the bedrock wire', () => {
  it('bound the output wherever a bound is known, since a budget may rest on it', () => {
    const bound = (changes: Partial<GenerateRequest>, outputTokensMax: number | null) =>
      objectIn(write(changes, { outputTokensMax }).body, 'inferenceConfig')?.['maxTokens'];
    expect(bound({}, null)).toBeUndefined();
    expect(bound({}, 700)).toBe(700);
    expect(bound({ outputTokensMax: 9 }, 700)).toBe(9);
    expect(bound({ outputTokensMax: 900 }, 700)).toBe(700);
  });

  it('are written where the API or the model has a place for them', () => {
    const settings = { temperature: 0.5, topP: 0.9, topK: 3, stopSequences: ['END'], endUser: 'u' };
    expect(write(settings, { model: 'mistral.mistral-large-2407-v1:0' })).toMatchObject({
      body: {
        inferenceConfig: { temperature: 0.5, topP: 0.9, stopSequences: ['END'] },
        additionalModelRequestFields: { top_k: 3 },
      },
      dropped: ['user'],
    });
    expect(fieldsOf(settings, { model: nova })).toEqual({ inferenceConfig: { topK: 3 } });
    expect(write(settings, { model: llama }).dropped).toEqual(['top_k', 'user']);
    expect(write(settings).body['inferenceConfig']).toEqual({ temperature: 0.5, stopSequences: ['END'] });
    expect(write({ temperature: 1.7 }, { model: llama })).toMatchObject({
      body: { inferenceConfig: { temperature: 1 } },
      dropped: ['temperature'],
    });
    expect(write({ temperature: 0 }, { model: llama, unsupported: ['temperature'] }).dropped).toEqual(['temperature']);
  });

  it('leave out stop sequences that the model takes for none', () => {
    expect(write({ stopSequences: ['\n', ''] }).dropped).toEqual(['stop']);
    expect(write({ stopSequences: ['\n', ''] }, { model: llama }).body['inferenceConfig']).toEqual({
      stopSequences: ['\n'],
    });
  });

  it('hold the answer to a closed schema, and ask for all other forms in words', () => {
    const form = (schema: object): Partial<GenerateRequest> => ({
      outputFormat: { type: 'json-schema', name: 'City', description: 'A city.', schema: { ...schema }, strict: true },
    });
    const closed = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
    expect(write(form(closed)).body['outputConfig']).toEqual({
      textFormat: {
        type: 'json_schema',
        structure: {
          jsonSchema: {
            schema: JSON.stringify({
              type: 'object',
              properties: closed.properties,
              additionalProperties: false,
              required: ['a'],
            }),
            name: 'City',
            description: 'A city.',
          },
        },
      },
    });
    for (const [changes, about] of [
      [form({ type: 'object', additionalProperties: true }), {}],
      [form(closed), { unsupported: ['outputConfig'] }],
      [form(closed), { model: nova, unsupported: ['schemas'] }],
      [{ outputFormat: { type: 'json-object' } }, {}],
    ] as const) {
      const { body, dropped } = write(changes, about);
      expect(dropped).toEqual(['response_format']);
      expect(JSON.stringify(body['system'])).toContain('one JSON object');
      expect(body['outputConfig']).toBeUndefined();
    }
  });

  it('move system messages to the top, and begin with the user', () => {
    const { body, dropped } = write({
      messages: [said('Welcome'), user(text('hi')), { role: 'system', content: [text('be brief')] }],
    });
    expect(dropped).toEqual(['first_message', 'system_position']);
    expect(body['system']).toEqual([{ text: 'be brief' }]);
    expect(allBlocks(body)[0]).toEqual({ text: '(start)' });
  });
});
