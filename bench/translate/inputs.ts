import { fixtureBytes, fixtureJson, recordedAnswer, recordedStream } from '../../src/wire/recordings.fixture.ts';
import { clientWires, wires, type SseEvent, type UpstreamWire, type Wire } from '../../src/wire/index.ts';

/** Answers of each vendor's wire as they were recorded: whole ones, and streams with words, thinking and calls. */
const recorded: Readonly<Record<string, { readonly whole: string; readonly streams: readonly string[] }>> = {
  openai: {
    whole: 'openai/parallel-tools.1.json',
    streams: ['openai/stream-usage.response.sse', 'openai/multi-tools-stream.response.sse'],
  },
  'azure-openai': { whole: 'azure/azure-deepseek-reasoning.1.json', streams: ['azure/chat-stream.2.response.sse'] },
  anthropic: {
    whole: 'anthropic/tool-with-thinking.1.json',
    streams: [
      'anthropic/text-stream.response.sse',
      'anthropic/thinking-stream.response.sse',
      'anthropic/tools-stream.response.sse',
    ],
  },
  responses: {
    whole: 'responses/responses-reasoning-tools.1.json',
    streams: [
      'responses/responses-stream-usage.response.sse',
      'responses/openai-reasoning-encrypted-content.1.chunks.txt',
    ],
  },
  gemini: {
    whole: 'google/thinking.1.json',
    streams: ['google/thinking-stream.response.sse', 'google/google-tool-call-gemini3.chunks.txt'],
  },
  bedrock: {
    whole: 'bedrock/converse-tool-thinking.1.json',
    streams: ['bedrock/converse-stream-text.response.bin', 'bedrock/converse-stream-tool.response.bin'],
  },
};

const recordedOf = (wire: UpstreamWire) => {
  // What differs from a wire in its addresses alone is answered as that one.
  const found = recorded[wire.name] ?? recorded[wire.variantOf?.name ?? ''];
  if (found === undefined) throw new Error(`no recordings of ${wire.name} are named here`);
  return found;
};

/** A whole answer of a vendor of this wire. */
export const wholeAnswer = (wire: UpstreamWire): Uint8Array =>
  recordedAnswer(`recordings/${recordedOf(wire).whole}`).body;

/** Streams of a vendor of this wire, each as its events. */
export const streamsOf = (wire: UpstreamWire): readonly (readonly SseEvent[])[] =>
  recordedOf(wire).streams.map((name) => {
    const path = `recordings/${name}`;
    const reader = wire.readEvents();
    const pushed = reader.push(path.endsWith('.bin') ? fixtureBytes(path) : recordedStream(path));
    if (!pushed.ok) throw new Error(`${path}: ${pushed.fault.message}`);
    return [...pushed.value, ...reader.end()];
  });

type Request = Extract<ReturnType<Wire['codec']['decodeRequest']>, { ok: true }>['value'];

/** A coding agent's request as it was recorded: its system prompt and 25 tools. */
const agentRequest = (): Request => {
  const openai = wireNamed('openai');
  const requests = fixtureJson('clients/cline.json') as readonly { readonly body?: unknown }[];
  const longest = requests
    .map(({ body }) => JSON.stringify(body ?? {}))
    .toSorted((one, other) => other.length - one.length)[0];
  const read = openai.codec.decodeRequest(Buffer.from(longest ?? ''));
  if (!read.ok) throw new Error(read.fault.message);
  return { ...read.value, outputTokensMax: 4_096, hints: [], natives: [] };
};

export const wireNamed = (name: string): Wire => {
  const wire = clientWires.get(name);
  if (wire === undefined) throw new Error(`${name} is no wire of clients`);
  return wire;
};

/** What a tool gave back: a piece of a recorded file, full of quotes and escapes. */
const resultBytes = 3_000;
const file = fixtureBytes('recordings/anthropic/pause-turn-stream.0.response.sse').toString('utf8');

/** One more call of a tool and its result. */
const turn = (tools: Request['tools'], number: number): Request['messages'] => {
  const id = `call_${String(number).padStart(6, '0')}`;
  const from = (number * resultBytes) % (file.length - resultBytes);
  const name = tools[number % tools.length]?.name ?? 'read_file';
  const written = JSON.stringify({ path: `src/module-${number}/index.ts`, from, reason: 'to see what is "there"' });
  return [
    {
      role: 'assistant',
      content: [
        { type: 'text', text: `Let me look at piece ${number} of the file.` },
        { type: 'tool-call', id, name, arguments: written },
      ],
    },
    {
      role: 'user',
      content: [
        {
          type: 'tool-result',
          callId: id,
          content: [{ type: 'text', text: file.slice(from, from + resultBytes) }],
          isError: false,
        },
      ],
    },
  ];
};

/** A body in a client's words that is at least so large: a coding agent's request after many calls of tools, one for each 3 KB. */
export const toolHeavyBody = (client: Wire, bytes: number, stream = false): Uint8Array => {
  const agent = { ...agentRequest(), stream };
  const { tools } = agent;
  const messages: Request['messages'][number][] = [...agent.messages];
  for (let number = 0; ; number += 1) {
    messages.push(...turn(tools, number));
    // Looked at each time that the results alone have doubled: writing it is what takes the time.
    if (messages.length * resultBytes < bytes * 1.4) continue;
    const written = client.codec.encodeRequest({ ...agent, messages }, target('m'));
    if (!written.ok) throw new Error(`${client.name}: ${written.fault.message}`);
    if (written.value.body.length >= bytes) return written.value.body;
  }
};

/** A target that can all. */
export const target = (model: string) => ({
  ...placeOf(model),
  outputTokensMax: 32_000,
  reasoning: true,
  unsupported: [],
});

/** Where seals of answers are made. */
export const placeOf = (model: string) => ({ boundary: 'vendor/main/-', model });

/** Model names that wires go by where models of one vendor want the same thing said in several ways. */
export const modelOf = (wire: UpstreamWire): string =>
  wire.name === 'bedrock' ? 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' : 'm';

/** A whole answer of a client's wire that is about so large: one text. */
export const largeAnswer = (wire: Wire, bytes: number): Uint8Array => {
  const pieces = Array.from({ length: Math.ceil(bytes / file.length) }, () => file);
  // Its own escapes make it longer.
  const text = pieces.join('').slice(0, Math.floor(bytes * 0.85));
  return wire.codec.encodeAnswer(
    {
      id: 'answer-1',
      model: 'm',
      content: [{ type: 'text', text }],
      finish: { reason: 'stop', native: 'stop', stopSequence: null },
      usage: { input: 1_000, output: 1_000, requests: 1 },
    },
    {
      requestId: '0199',
      model: 'm',
      createdAtS: 1_700_000_000,
      inputEstimateTokens: 12,
      usageAsked: true,
      showThinking: true,
      tools: [],
      sealedAt: placeOf('m'),
    },
  );
};

export const allWires: readonly UpstreamWire[] = [...wires.values()];
