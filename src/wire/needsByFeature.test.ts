// For each feature and each wire of clients: the least that needs it, and what looks like it and does not. Written from the vendors' references.
import { describe, expect, test } from 'vitest';
import { features, type Feature } from '../vocabulary/index.ts';
import { valuesMax } from './json/valuesMax.ts';
import { needsOf, needsOfText } from './needs.fixture.ts';

const wireNames = ['openai', 'anthropic', 'responses', 'gemini'] as const;
type WireName = (typeof wireNames)[number];

/** A request that needs a feature, with those that it brings along; and requests that do not need it. Or why its wire has no word for it. */
type Cell =
  | { readonly needs: object; readonly with?: readonly Feature[]; readonly misses: readonly object[] }
  | { readonly absent: string };

const streams = { stream: true };

const user = (...content: readonly object[]) => ({ role: 'user', content });
const chat = (...messages: readonly object[]) => ({ messages: [{ role: 'user', content: 'a' }, ...messages] });
const input = (...items: readonly object[]) => ({ input: [{ role: 'user', content: 'a' }, ...items] });
const contents = (...more: readonly object[]) => ({ contents: [{ role: 'user', parts: [{ text: 'a' }] }, ...more] });
const parts = (...its: readonly object[]) => ({ contents: [{ role: 'user', parts: its }] });
const config = (generationConfig: object) => ({ generationConfig });

/** What a tool of each wire is whose schema has this as an example. */
const chatTool = (example: object) => ({
  tools: [{ type: 'function', function: { name: 'f', parameters: { type: 'object', examples: [example] } } }],
});
const messagesTool = (example: object) => ({
  tools: [{ name: 'f', input_schema: { type: 'object', examples: [example] } }],
});
const responsesTool = (example: object) => ({
  tools: [{ type: 'function', name: 'f', parameters: { type: 'object', examples: [example] } }],
});
const geminiTool = (example: object) => ({
  tools: [{ functionDeclarations: [{ name: 'f', parametersJsonSchema: { type: 'object', examples: [example] } }] }],
});

const called = (args: object) =>
  chat(
    { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: args }] },
    user({ type: 'tool_result', tool_use_id: 'c', content: 'done' }),
  );
const answered = (response: object, args: object = {}) =>
  contents(
    { role: 'model', parts: [{ functionCall: { name: 'f', args } }] },
    { role: 'user', parts: [{ functionResponse: { name: 'f', response } }] },
  );

const words = (text: string): Readonly<Record<WireName, object>> => ({
  openai: { messages: [user({ type: 'text', text })] },
  anthropic: { messages: [user({ type: 'text', text })] },
  responses: { input: [user({ type: 'input_text', text })] },
  gemini: parts({ text }),
});

const blob = (mimeType: string) => ({ inlineData: { mimeType, data: 'AAAA' } });
const misused = (mimeType: string) => [
  geminiTool({ mimeType }),
  answered({ mimeType }),
  answered({}, { file: { mime_type: mimeType } }),
  words(`"mimeType":"${mimeType}"`).gemini,
  parts(blob('text/plain')),
];

const chatMedia = (type: string) => [
  chatTool({ type }),
  { metadata: { type } },
  { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: { examples: [{ type }] } } } },
  words(`{"type":"${type}"}`).openai,
];
const messagesMedia = (type: string) => [
  messagesTool({ type }),
  called({ type }),
  called({ content: [{ type }] }),
  { output_config: { format: { type: 'json_schema', schema: { examples: [{ type }] } } } },
  words(`{"type":"${type}"}`).anthropic,
];
const responsesMedia = (type: string) => [
  responsesTool({ type }),
  { metadata: { type } },
  input({ type: 'tool_search_call', arguments: { type } }),
  input({ type: 'mcp_list_tools', server_label: 's', tools: [{ name: 'f', input_schema: { examples: [{ type }] } }] }),
  input({ type: 'file_search_call', id: 'f', queries: [], results: [{ attributes: { type } }] }),
  words(`{"type":"${type}"}`).responses,
];

const schema = { type: 'json_schema', schema: { type: 'object' } };

const table: Readonly<Record<Feature, Readonly<Record<WireName, Cell>>>> = {
  tools: {
    openai: {
      needs: { tools: [{ type: 'function', function: { name: 'f' } }] },
      misses: [{ tools: [] }, { tools: null }, { functions: [] }, { tool_choice: 'auto' }],
    },
    anthropic: { needs: { tools: [{ name: 'f', input_schema: {} }] }, misses: [{ tools: [] }, { tools: null }] },
    responses: {
      needs: { tools: [{ type: 'function', name: 'f' }] },
      misses: [{ tools: [] }, { tool_choice: 'auto' }],
    },
    gemini: {
      needs: { tools: [{ googleSearch: {} }] },
      misses: [
        { tools: [] },
        { tools: {} },
        { tools: [{}] },
        { tools: [{ functionDeclarations: [] }] },
        { tools: [{ function_declarations: [] }] },
        { toolConfig: {} },
      ],
    },
  },
  parallelTools: {
    openai: {
      needs: { parallel_tool_calls: false },
      misses: [{ parallel_tool_calls: true }, { parallel_tool_calls: null }],
    },
    anthropic: {
      needs: { tool_choice: { type: 'auto', disable_parallel_tool_use: true } },
      misses: [{ tool_choice: { type: 'auto', disable_parallel_tool_use: false } }, { tool_choice: { type: 'auto' } }],
    },
    responses: { needs: { parallel_tool_calls: false }, misses: [{ parallel_tool_calls: true }] },
    gemini: { absent: '`functionCallingConfig` has no word for it' },
  },
  images: {
    openai: {
      needs: { messages: [user({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } })] },
      misses: chatMedia('image_url'),
    },
    anthropic: {
      needs: chat(
        { role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: {} }] },
        user({ type: 'tool_result', tool_use_id: 'c', content: [{ type: 'image', source: { type: 'base64' } }] }),
      ),
      misses: messagesMedia('image'),
    },
    responses: {
      needs: input({ type: 'function_call_output', call_id: 'c', output: [{ type: 'input_image', file_id: 'f' }] }),
      with: ['imageAddresses'],
      misses: responsesMedia('input_image'),
    },
    gemini: { needs: parts(blob('image/png')), misses: misused('image/png') },
  },
  documents: {
    openai: {
      needs: { messages: [user({ type: 'file', file: { filename: 'a.pdf', file_data: 'AAAA' } })] },
      misses: [
        ...chatMedia('file'),
        chat({ role: 'assistant', content: 'b', annotations: [{ type: 'file', file: { hash: 'h' } }] }, user()),
      ],
    },
    anthropic: {
      needs: { messages: [user({ type: 'document', source: { type: 'base64', data: 'AAAA' } })] },
      misses: messagesMedia('document'),
    },
    responses: { needs: { input: [user({ type: 'input_file', file_id: 'f' })] }, misses: responsesMedia('input_file') },
    gemini: { needs: parts(blob('application/pdf')), misses: misused('application/pdf') },
  },
  audio: {
    openai: {
      needs: { messages: [user({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } })] },
      misses: chatMedia('input_audio'),
    },
    anthropic: { absent: 'content blocks are text, images and documents' },
    responses: {
      needs: { input: [user({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } })] },
      misses: responsesMedia('input_audio'),
    },
    gemini: { needs: parts(blob('audio/wav')), misses: misused('audio/wav') },
  },
  video: {
    openai: {
      needs: { messages: [user({ type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } })] },
      misses: chatMedia('video_url'),
    },
    anthropic: { absent: 'content blocks are text, images and documents' },
    responses: { absent: 'input is text, images, files and audio' },
    gemini: {
      needs: parts({ file_data: { mime_type: 'video/mp4', file_uri: 'https://a.example/b.mp4' } }),
      misses: misused('video/mp4'),
    },
  },
  structuredOutput: {
    openai: {
      needs: { response_format: { type: 'json_object' } },
      misses: [{ response_format: { type: 'text' } }, { response_format: null }, words('"response_format"').openai],
    },
    anthropic: {
      needs: { output_config: { format: schema } },
      with: ['schemas'],
      misses: [{ output_config: {} }, { output_config: { format: null } }, { output_config: { effort: 'low' } }],
    },
    responses: {
      needs: { text: { format: { type: 'json_object' } } },
      misses: [{ text: {} }, { text: { format: { type: 'text' } } }, { text: { verbosity: 'low' } }],
    },
    gemini: {
      needs: config({ responseMimeType: 'application/json' }),
      misses: [config({ responseMimeType: 'text/plain' }), config({ responseMimeType: '' }), config({})],
    },
  },
  schemas: {
    openai: {
      needs: { response_format: { type: 'json_schema', json_schema: { name: 'a', schema: {} } } },
      with: ['structuredOutput'],
      misses: [{ response_format: { type: 'json_object' } }, { response_format: { type: 'text' } }],
    },
    anthropic: {
      needs: { output_format: schema },
      with: ['structuredOutput'],
      misses: [{ output_format: null }, messagesTool(schema)],
    },
    responses: {
      needs: { text: { format: { ...schema, name: 'a' } } },
      with: ['structuredOutput'],
      misses: [{ text: { format: { type: 'json_object' } } }],
    },
    gemini: {
      needs: config({ responseMimeType: 'application/json', responseSchema: { type: 'OBJECT' } }),
      with: ['structuredOutput'],
      misses: [config({ responseMimeType: 'application/json' }), config({ responseSchema: null })],
    },
  },
  stream: {
    openai: { needs: streams, misses: [{ stream: false }, { stream: null }, words('"stream":true').openai] },
    anthropic: { needs: streams, misses: [{ stream: false }] },
    responses: { needs: streams, misses: [{ stream: false }] },
    gemini: { needs: streams, misses: [{}] },
  },
  prefill: {
    openai: {
      needs: chat({ role: 'assistant', content: 'b', tool_calls: [], function_call: null, refusal: null }),
      misses: [
        chat({ role: 'assistant', content: '' }),
        chat({ role: 'assistant', content: [{ type: 'text', text: '' }] }),
        chat({ role: 'assistant', content: null, tool_calls: [{ id: 'c', function: { name: 'f', arguments: '{}' } }] }),
        chat({ role: 'assistant', content: 'b', function_call: { name: 'f', arguments: '{}' } }),
        chat({ role: 'assistant', content: 'b' }, { role: 'user', content: '"role":"assistant"' }),
      ],
    },
    anthropic: {
      needs: chat({
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 't', signature: 's' },
          { type: 'text', text: 'b' },
        ],
      }),
      misses: [
        chat({ role: 'assistant', content: [{ type: 'tool_use', id: 'c', name: 'f', input: { text: 'x' } }] }),
        chat({ role: 'assistant', content: [{ type: 'server_tool_use', id: 'c', name: 'web_search', input: {} }] }),
        called({ role: 'assistant', content: 'x' }),
        chat({ role: 'assistant', content: [] }),
      ],
    },
    responses: {
      needs: input({ role: 'assistant', content: [{ type: 'output_text', text: 'b' }] }),
      misses: [
        input({ role: 'assistant', content: '' }),
        input({ role: 'assistant', content: 'b' }, { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' }),
        { input: '[{"role":"assistant","content":"b"}]' },
      ],
    },
    gemini: {
      needs: contents({ role: 'model', parts: [{ text: 'b' }] }),
      misses: [
        contents({ role: 'model', parts: [] }),
        contents({ role: 'model', parts: [{ text: '' }] }),
        contents({ role: 'model', parts: [{ functionCall: { name: 'f', args: { role: 'model' } } }] }),
      ],
    },
  },
  system: {
    openai: {
      needs: chat({ role: 'system', content: 'b' }, { role: 'user', content: 'c' }),
      misses: [chatTool({ role: 'system' }), words('"role":"system"').openai],
    },
    anthropic: {
      needs: { system: [{ type: 'text', text: 'a' }] },
      misses: [
        { system: '' },
        { system: [] },
        { system: null },
        { system: [{ type: 'text', text: '' }] },
        called({ role: 'system' }),
        messagesTool({ role: 'system' }),
      ],
    },
    responses: {
      needs: { instructions: 'a' },
      misses: [{ instructions: '' }, { instructions: null }, responsesTool({ role: 'system' })],
    },
    gemini: {
      needs: { systemInstruction: { parts: [{ text: 'a' }] } },
      misses: [
        { systemInstruction: {} },
        { systemInstruction: { parts: [] } },
        { system_instruction: { role: 'user', parts: [{ text: '' }] } },
        { systemInstruction: null },
        answered({}, { systemInstruction: { parts: [{ text: 'a' }] } }),
      ],
    },
  },
  developerRole: {
    openai: {
      needs: chat({ role: 'developer', content: 'b' }, { role: 'user', content: 'c' }),
      with: ['system'],
      misses: [
        chatTool({ role: 'developer' }),
        { metadata: { role: 'developer' } },
        words('"role":"developer"').openai,
      ],
    },
    anthropic: { absent: 'roles are user, assistant and system' },
    responses: {
      needs: input({ role: 'developer', content: 'b' }),
      with: ['system'],
      misses: [responsesTool({ role: 'developer' }), { metadata: { role: 'developer' } }],
    },
    gemini: { absent: 'roles are user and model' },
  },
  reasoning: {
    openai: {
      needs: { reasoning: { max_tokens: 2_000 } },
      misses: [
        { reasoning_effort: 'none' },
        { reasoning_effort: '' },
        { reasoning: {} },
        { reasoning: { effort: 'none' } },
        { reasoning: { enabled: false } },
        { reasoning: { exclude: true } },
        { thinking: { type: 'disabled' } },
        { reasoning_effort: 'none', thinking: { type: 'enabled' } },
      ],
    },
    anthropic: {
      needs: { thinking: { type: 'between_tools' } },
      misses: [{ thinking: { type: 'disabled' } }, { thinking: null }, { output_config: { effort: 'low' } }],
    },
    responses: {
      needs: { reasoning: { effort: 'minimal' } },
      misses: [
        { reasoning: {} },
        { reasoning: { effort: 'none' } },
        { reasoning: { effort: '' } },
        { reasoning: { effort: null } },
      ],
    },
    gemini: {
      needs: config({ thinkingConfig: { thinkingBudget: -1 } }),
      misses: [
        config({ thinkingConfig: {} }),
        config({ thinkingConfig: { thinkingBudget: 0, includeThoughts: true } }),
        config({ thinkingConfig: { includeThoughts: false } }),
        config({ thinkingConfig: { thinkingLevel: 'THINKING_LEVEL_UNSPECIFIED' } }),
      ],
    },
  },
  'thinking.enabled': {
    openai: { absent: 'a chat says how hard to think' },
    anthropic: {
      needs: { thinking: { type: 'enabled', budget_tokens: 2_000 } },
      with: ['reasoning'],
      misses: [
        { thinking: { type: 'disabled' } },
        { thinking: { type: 'adaptive' } },
        called({ thinking: { type: 'enabled' } }),
      ],
    },
    responses: { absent: 'a response says how hard to think' },
    gemini: { absent: 'of the Messages API' },
  },
  'thinking.adaptive': {
    openai: { absent: 'a chat says how hard to think' },
    anthropic: {
      needs: { thinking: { type: 'adaptive' } },
      with: ['reasoning'],
      misses: [{ thinking: { type: 'disabled' } }, { thinking: { type: 'enabled', budget_tokens: 2_000 } }],
    },
    responses: { absent: 'a response says how hard to think' },
    gemini: { absent: 'of the Messages API' },
  },
  imageOutput: {
    openai: {
      needs: { modalities: ['text', 'image'] },
      misses: [{ modalities: ['text'] }, { modalities: [] }, { modalities: null }, chatTool({ modalities: ['image'] })],
    },
    anthropic: { absent: 'answers are text' },
    responses: { absent: 'images are made by a tool, whatever the model' },
    gemini: {
      needs: config({ responseModalities: ['IMAGE'] }),
      misses: [config({ responseModalities: ['TEXT'] }), config({ responseModalities: [] })],
    },
  },
  imageAddresses: {
    openai: {
      needs: { messages: [user({ type: 'image_url', image_url: { url: 'https://a.example/b' } })] },
      with: ['images'],
      misses: [
        { messages: [user({ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } })] },
        { messages: [user({ type: 'video_url', video_url: { url: 'https://a.example/b.mp4' } })] },
        chatTool({ type: 'image_url', image_url: { url: 'https://a.example/b' } }),
      ],
    },
    anthropic: {
      needs: { messages: [user({ type: 'image', source: { type: 'url', url: 'https://a.example/b' } })] },
      with: ['images'],
      misses: [
        { messages: [user({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } })] },
        { messages: [user({ type: 'document', source: { type: 'url', url: 'https://a.example/b' } })] },
        called({ type: 'image', source: { type: 'url', url: 'https://a.example/b' } }),
        messagesTool({ type: 'image', source: { type: 'url', url: 'https://a.example/b' } }),
      ],
    },
    responses: {
      needs: { input: [user({ type: 'input_image', image_url: 'https://a.example/b' })] },
      with: ['images'],
      misses: [
        { input: [user({ type: 'input_image', image_url: 'data:image/png;base64,AAAA' })] },
        { input: [user({ type: 'input_file', file_id: 'f' })] },
        responsesTool({ type: 'input_image', image_url: 'https://a.example/b' }),
      ],
    },
    gemini: {
      needs: parts({ fileData: { mimeType: 'image/png', fileUri: 'https://a.example/b' } }),
      with: ['images'],
      misses: [
        parts(blob('image/png')),
        parts({ fileData: { mimeType: 'video/mp4', fileUri: 'https://a.example/b' } }),
        answered({ mimeType: 'image/png', fileUri: 'https://a.example/b' }),
      ],
    },
  },
  audioOutput: {
    openai: {
      needs: { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
      misses: [{ modalities: ['text'], audio: null }, { modalities: [] }],
    },
    anthropic: { absent: 'answers are text' },
    responses: { absent: 'answers are text' },
    gemini: {
      needs: config({ responseModalities: ['AUDIO'] }),
      misses: [config({ responseModalities: ['TEXT'] }), config({ speechConfig: {} })],
    },
  },
};

const cells = features.flatMap((feature) =>
  wireNames.flatMap((wire) => {
    const cell = table[feature][wire];
    return 'absent' in cell ? [] : [{ feature, wire, cell }];
  }),
);

/** The path says it on the wire that has no member for it. */
const isStreamed = (wire: WireName, body: object): boolean => wire === 'gemini' && body === streams;

describe.each(cells)('$feature on the wire $wire', ({ feature, wire, cell }) => {
  test('is needed by the least that asks for it, and nothing else is', () => {
    const found = needsOf(wire, cell.needs, isStreamed(wire, cell.needs));
    expect(new Set(found)).toEqual(new Set([feature, ...(cell.with ?? [])]));
  });

  test('is needed by nothing that only looks like it', () => {
    const found = cell.misses.map((body) => [JSON.stringify(body), needsOf(wire, body).includes(feature)]);
    expect(found).toEqual(cell.misses.map((body) => [JSON.stringify(body), false]));
  });
});

describe('what is shown beside data of tools', () => {
  test.each<readonly [WireName, Feature, object]>([
    [
      'openai',
      'images',
      { ...chatTool({ type: 'image_url' }), messages: [user({ type: 'image_url', image_url: {} })] },
    ],
    [
      'anthropic',
      'images',
      { messages: [...called({ type: 'image' }).messages, user({ type: 'image', source: { type: 'url' } })] },
    ],
    [
      'anthropic',
      'images',
      {
        ...messagesTool({ type: 'image' }),
        messages: [user({ type: 'document', source: { type: 'content', content: [{ type: 'image' }] } })],
      },
    ],
    ['anthropic', 'system', { ...called({ role: 'system' }), system: 'a' }],
    [
      'responses',
      'images',
      {
        ...responsesTool({ type: 'input_image' }),
        ...input({ type: 'computer_call_output', call_id: 'c', output: { type: 'computer_screenshot' } }),
      },
    ],
    [
      'responses',
      'images',
      { ...responsesTool({ type: 'input_image' }), prompt: { id: 'p', variables: { a: { type: 'input_image' } } } },
    ],
    [
      'gemini',
      'images',
      { contents: [...answered({ mimeType: 'image/png' }).contents, ...parts(blob('image/png')).contents] },
    ],
    [
      'gemini',
      'images',
      contents({
        role: 'user',
        parts: [{ function_response: { name: 'f', response: {}, parts: [blob('image/png')] } }],
      }),
    ],
    ['gemini', 'images', { ...geminiTool({ mimeType: 'image/png' }), contents: { parts: [blob('image/png')] } }],
  ])('is found on the wire %s: %s', (wire, feature, body) => {
    expect(needsOf(wire, body)).toContain(feature);
  });
});

test('what was found in a list with more than is decoded is taken for what it seems', () => {
  const list = `[${'{},'.repeat(valuesMax)}{}]`;
  const called = `{"type":"tool_use","id":"c","name":"f","input":{"type":"image","list":${list}}}`;
  const body = `{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[${called}]}]}`;
  expect(needsOfText('anthropic', body)).toEqual(['images']);
});

describe('a file on the wire of Gemini whose type is not told', () => {
  test.each<readonly [string, readonly Feature[]]>([
    ['https://www.youtube.com/watch?v=9hE5-98ZeCg', ['video']],
    ['https://youtu.be/9hE5-98ZeCg', ['video']],
    ['gs://bucket/a.film.MP4', ['video']],
    ['https://a.example/b.png?size=2', ['images', 'imageAddresses']],
    ['https://a.example/b.pdf#page=2', ['documents']],
    ['gs://bucket/a.mp3', ['audio']],
    ['https://generativelanguage.googleapis.com/v1beta/files/abc-123', []],
    ['https://a.example/b.txt', []],
    ['https://a.png/b', []],
  ])('is what its address says: %s', (fileUri, needs) => {
    const [file, other] = [{ fileData: { fileUri } }, { file_data: { file_uri: fileUri } }];
    expect(needsOf('gemini', parts(file))).toEqual(needs);
    expect(needsOf('gemini', parts(other))).toEqual(needs);
    // As encoders write it that escape slashes, and where the contents are decoded.
    const escaped = JSON.stringify(parts(file)).replaceAll('/', String.raw`\/`);
    expect(needsOfText('gemini', escaped)).toEqual(needs);
    const contents = [...answered({ fileUri: 'https://a.example/c.wav' }).contents, ...parts(file).contents];
    expect(needsOf('gemini', { contents })).toEqual(needs);
  });

  test('is what is told, where its type is', () => {
    const file = { fileData: { mimeType: 'application/pdf', fileUri: 'https://a.example/b' } };
    expect(needsOf('gemini', parts(file))).toEqual(['documents']);
    expect(needsOf('gemini', parts({ fileData: { ...file.fileData, fileUri: 'https://youtu.be/9hE5' } }))).toContain(
      'video',
    );
  });
});

describe('letters behind escapes', () => {
  test.each<readonly [WireName, Feature, string]>([
    ['openai', 'images', '{"model":"m","messages":[{"role":"user","content":[{"type":"\\u0069mage_url"}]}]}'],
    ['openai', 'developerRole', '{"model":"m","messages":[{"rol\\u0065":"developer","content":"a"}]}'],
    ['openai', 'system', '{"model":"m","messages":[{"role":"\\u0073ystem","content":"a"}]}'],
    ['openai', 'prefill', '{"model":"m","messages":[{"role":"\\u0061ssistant","content":"a"}]}'],
    ['openai', 'parallelTools', '{"model":"m","messages":[],"p\\u0061rallel_tool_calls":false}'],
    [
      'anthropic',
      'documents',
      '{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"typ\\u0065":"document"}]}]}',
    ],
    ['responses', 'images', '{"model":"m","input":[{"role":"user","content":[{"type":"input_\\u0069mage"}]}]}'],
    ['gemini', 'video', '{"contents":[{"parts":[{"inlineData":{"mime\\u0054ype":"video/mp4","data":""}}]}]}'],
    ['gemini', 'images', '{"contents":[{"parts":[{"inlineData":{"mimeType":"image\\/png","data":""}}]}]}'],
    ['gemini', 'documents', '{"contents":[{"parts":[{"fileData":{"mime_type":"application\\/pdf","fileUri":"x"}}]}]}'],
  ])('hide no need on the wire %s: %s', (wire, feature, body) => {
    expect(needsOfText(wire, body)).toContain(feature);
  });
});
