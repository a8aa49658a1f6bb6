// Runs of tools by the official SDKs, through vendors who seal their calls and vendors who hold the conversation.
import { betaTool } from '@anthropic-ai/sdk/helpers/beta/json-schema';
import type OpenAI from 'openai';
import { zodFunction } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { Market } from '../rigs/Market.ts';
import { answer, answerStream, type ReceivedCall, type Script } from '../rigs/ScriptedUpstream.ts';
import { chatAnswer, chatStream, messageAnswer, messageStream } from '../rigs/vendorAnswers.ts';

let market: Market;

beforeAll(async () => {
  market = await Market.open({
    models: {
      sealed: [{ wire: 'gemini', capabilities: { reasoning: true } }],
      'two-hold': [
        { wire: 'anthropic', holdsConversations: true },
        { wire: 'anthropic', holdsConversations: true, usdPerMTok: '2' },
      ],
      'one-holds': [
        { wire: 'anthropic', holdsConversations: true },
        { wire: 'openai', usdPerMTok: '2' },
      ],
    },
  });
});

afterAll(() => market[Symbol.asyncDispose]());

const question = { role: 'user', content: 'How is the sea in Brest, and in Cadiz?' } as const;
const cities = ['Brest', 'Cadiz'];
const inputSchema = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
} as const;
const seaOf = (city: string): string => `${city}: calm`;
const lastWord = 'Both are calm.';

/** A tool that keeps what it was asked for. */
const seaTool = () => {
  const asked: string[] = [];
  const run = (city: string): string => {
    asked.push(city);
    return seaOf(city);
  };
  return { asked, run };
};

const runByAnthropic = async (model: string, stream: boolean): Promise<readonly [asked: string[], final: unknown]> => {
  const { asked, run } = seaTool();
  const tool = betaTool({ name: 'sea', description: 'The sea', inputSchema, run: ({ city }) => run(city) });
  const runner = market.anthropic.beta.messages.toolRunner({
    model,
    stream,
    max_tokens: 500,
    messages: [question],
    tools: [tool],
  });
  const { content } = await runner.runUntilDone();
  return [asked, content.flatMap((block) => (block.type === 'text' ? [block.text] : []))];
};

/** Messages are kept as they came. */
const runByChat = async (model: string, stream: boolean): Promise<readonly [asked: string[], final: unknown]> => {
  const { asked, run } = seaTool();
  const tools = [{ type: 'function' as const, function: { name: 'sea', parameters: inputSchema } }];
  const messages: OpenAI.ChatCompletionMessageParam[] = [question];
  for (;;) {
    const request = { model, messages, tools };
    const { choices } = stream
      ? await market.openai.chat.completions.stream(request).finalChatCompletion()
      : await market.openai.chat.completions.create(request);
    const { message } = choices[0]!;
    const calls = (message.tool_calls ?? []).filter((call) => call.type === 'function');
    if (calls.length === 0) return [asked, [message.content]];
    messages.push(message);
    for (const { id, function: called } of calls) {
      messages.push({ role: 'tool', tool_call_id: id, content: run(JSON.parse(called.arguments).city) });
    }
  }
};

/** The helper sends back what its types know of a call: its id, its name and its arguments. */
const runByHelper = async (model: string, stream: boolean): Promise<readonly [asked: string[], final: unknown]> => {
  const { asked, run } = seaTool();
  const tool = zodFunction({
    name: 'sea',
    parameters: z.object({ city: z.string() }),
    function: ({ city }) => run(city),
  });
  const request = { model, messages: [question], tools: [tool] };
  const runner = stream
    ? market.openai.chat.completions.runTools({ ...request, stream })
    : market.openai.chat.completions.runTools(request);
  return [asked, [await runner.finalContent()]];
};

const runByResponses = async (model: string, stream: boolean): Promise<readonly [asked: string[], final: unknown]> => {
  const { asked, run } = seaTool();
  const tools = [{ type: 'function' as const, name: 'sea', strict: true, parameters: inputSchema }];
  const input: OpenAI.Responses.ResponseInput = [question];
  for (;;) {
    const request = { model, input, tools };
    const { output, output_text: text } = stream
      ? await market.openai.responses.stream(request).finalResponse()
      : await market.openai.responses.create(request);
    const calls = output.flatMap((item) => (item.type === 'function_call' ? [item] : []));
    if (calls.length === 0) return [asked, [text]];
    input.push(...(output as OpenAI.Responses.ResponseInput));
    for (const { call_id: callId, arguments: written } of calls) {
      input.push({ type: 'function_call_output', call_id: callId, output: run(JSON.parse(written).city) });
    }
  }
};

interface Part {
  readonly functionCall?: { readonly args: { readonly city: string } };
  readonly thoughtSignature?: string;
}

const partsIn = ({ body }: ReceivedCall): readonly Part[] =>
  JSON.parse(body.toString()).contents.flatMap(({ parts }: { parts: readonly Part[] }) => parts);

/** Longer than any id of a call may be, with all letters that base64 has. */
const signatureOf = (city: string): string => `${Buffer.from(`${city} ~~~???`.repeat(90)).toString('base64')}+/==`;

/** A vendor that calls for one city after another, and refuses a call that comes back without the signature that it gave it. */
const sealing: Script = (response, call) => {
  const calls = partsIn(call).filter((part) => part.functionCall !== undefined);
  const isLost = calls.some((part) => part.thoughtSignature !== signatureOf(part.functionCall!.args.city));
  if (isLost) {
    const message = 'Function call is missing a thought_signature in functionCall parts.';
    return answer(400, { error: { code: 400, message, status: 'INVALID_ARGUMENT' } })(response, call);
  }
  const city = cities[calls.length];
  const part =
    city === undefined
      ? { text: lastWord }
      : { functionCall: { name: 'sea', args: { city } }, thoughtSignature: signatureOf(city) };
  const said = { candidates: [{ content: { role: 'model', parts: [part] }, finishReason: 'STOP', index: 0 }] };
  const isStream = call.path.includes(':streamGenerateContent');
  return (isStream ? answerStream(`data: ${JSON.stringify(said)}\n\n`) : answer(200, said))(response, call);
};

describe.each([
  ['toolRunner of Anthropic', runByAnthropic],
  ['chats of OpenAI', runByChat],
  ['runTools of OpenAI', runByHelper],
  ['responses of OpenAI', runByResponses],
])('a vendor that signs its calls, served to %s,', (_, run) => {
  it.each([false, true])('has its signatures back over two rounds, byte by byte, streamed: %s', async (stream) => {
    market.tell('sealed', sealing);
    const before = market.calls('sealed').length;
    expect(await run('sealed', stream)).toEqual([cities, [lastWord]]);
    const calls = market.calls('sealed').slice(before);
    expect(calls.map((call) => partsIn(call).flatMap((part) => part.thoughtSignature ?? []))).toEqual([
      [],
      [signatureOf('Brest')],
      cities.map(signatureOf),
    ]);
  });
});

interface Threaded {
  readonly thread?: { readonly type: string; readonly previous_message_id?: string };
  readonly messages: readonly object[];
  readonly stream?: boolean;
}

const askedOf = ({ body }: ReceivedCall): Threaded => JSON.parse(body.toString());

/** A request as it matters here: how it is held, and how much of the conversation it brings. */
const shapeOf = (call: ReceivedCall): readonly (string | number)[] => {
  const { thread, messages } = askedOf(call);
  return [thread?.type ?? 'none', messages.length];
};

const messageEvent = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

/** A message that calls for the first city, from a vendor that keeps it. */
const calling = (id: string): Script => {
  const use = { type: 'tool_use', id: 'toolu_1', name: 'sea' };
  const whole = { ...messageAnswer(''), id, content: [{ ...use, input: { city: 'Brest' } }], stop_reason: 'tool_use' };
  const events = [
    messageEvent('message_start', { message: { ...whole, content: [], stop_reason: null } }),
    messageEvent('content_block_start', { index: 0, content_block: { ...use, input: {} } }),
    messageEvent('content_block_delta', {
      index: 0,
      delta: { type: 'input_json_delta', partial_json: '{"city":"Brest"}' },
    }),
    messageEvent('content_block_stop', { index: 0 }),
    messageEvent('message_delta', {
      delta: { stop_reason: 'tool_use', stop_sequence: null },
      usage: { output_tokens: 3 },
    }),
    messageEvent('message_stop', {}),
  ];
  return (response, call) =>
    (askedOf(call).stream === true ? answerStream(events.join('')) : answer(200, whole))(response, call);
};

const ending =
  (whole: Script, stream: Script): Script =>
  (response, call) =>
    (askedOf(call).stream === true ? stream : whole)(response, call);

const apiError = { type: 'error', error: { type: 'api_error', message: 'Internal server error' } };
const down = answer(500, apiError, { 'x-should-retry': 'false' });

/** Answers once so, and is out from then on. */
const onceThenDown = (script: Script): Script => {
  let asked = 0;
  return (response, call) => (asked++ === 0 ? script : down)(response, call);
};

describe('a run of tools whose conversation is held by a vendor that goes out', () => {
  it.each([false, true])(
    'goes on at another one that holds conversations, whole and once, streamed: %s',
    async (stream) => {
      const [first, second] = [market.calls('two-hold').length, market.calls('two-hold', 1).length];
      market.tell('two-hold', onceThenDown(calling('msg_a')));
      market.tell('two-hold', ending(answer(200, messageAnswer(lastWord)), messageStream(lastWord)), 1);
      expect(await runByAnthropic('two-hold', stream)).toEqual([['Brest'], [lastWord]]);
      const shapes = market.calls('two-hold').slice(first).map(shapeOf);
      expect(shapes.slice(0, 2)).toEqual([
        ['create', 1],
        ['continue', 1],
      ]);
      // Nobody else is sent a part of it: the other one has it from the beginning, with the call and its result.
      const [replayed, ...more] = market.calls('two-hold', 1).slice(second);
      expect([shapeOf(replayed!), more]).toEqual([['create', 3], []]);
      expect(replayed!.body.toString().match(/"tool_use"/g)).toHaveLength(1);
      expect(replayed!.body.toString().match(/"tool_result"/g)).toHaveLength(1);
    },
  );

  it.each([false, true])('goes on without a holder where there is no other, streamed: %s', async (stream) => {
    const second = market.calls('one-holds', 1).length;
    market.tell('one-holds', onceThenDown(calling('msg_a')));
    market.tell('one-holds', ending(answer(200, chatAnswer(lastWord)), chatStream(lastWord)), 1);
    expect(await runByAnthropic('one-holds', stream)).toEqual([['Brest'], [lastWord]]);
    const [told, ...more] = market.calls('one-holds', 1).slice(second);
    expect(more).toEqual([]);
    const { messages } = askedOf(told!);
    expect(messages).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'toolu_1', function: { name: 'sea', arguments: '{"city":"Brest"}' } }] },
      { role: 'tool', tool_call_id: 'toolu_1', content: seaOf('Brest') },
    ]);
  });
});
