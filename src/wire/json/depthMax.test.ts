import { describe, expect, it } from 'vitest';

import { frame } from '../codec/answers.fixture.ts';
import { clientWires, wires } from '../matchRoute.ts';
import { TranslatingRelay } from '../passage/TranslatingRelay.ts';
import { factsFor } from '../recordings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import { depthMax } from './depthMax.ts';
import { isJsonObject, parseJson } from './JsonObject.ts';

const nested = (open: string, close: string, levels: number): string =>
  `${open.repeat(levels)}1${close.repeat(levels)}`;

const forms: readonly [string, string][] = [
  ['{"a":', '}'],
  ['[', ']'],
];

/** Arguments of so many levels. */
const argumentsOf = (levels: number): string => `{"a":${nested('[', ']', levels - 1)}}`;
const deep = argumentsOf(100_000);

const openai = clientWires.get('openai') ?? expect.fail('there is a wire of chat completions');
const facts = factsFor(openai, 'generate', { model: 'm', messages: [] });

describe('a text of JSON', () => {
  it.each(forms)('of %s is decoded as deep as may be, and no deeper', (open, close) => {
    expect(parseJson(nested(open, close, depthMax))).toBeDefined();
    expect(parseJson(nested(open, close, depthMax + 1))).toBeUndefined();
    expect(parseJson(nested(open, close, 100_000))).toBeUndefined();
  });

  it('may hold any number of brackets beside one another, and in its texts', () => {
    const beside = JSON.stringify({ list: Array(1_000).fill([]), text: '[{'.repeat(1_000) });
    expect(isJsonObject(parseJson(beside))).toBe(true);
  });
});

describe('arguments that are nested too deeply', () => {
  const history = (written: string) =>
    utf8Bytes(
      JSON.stringify({
        model: 'm',
        messages: [
          { role: 'user', content: 'hi' },
          {
            role: 'assistant',
            tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: written } }],
          },
          { role: 'tool', tool_call_id: 'c', content: '1' },
        ],
      }),
    );

  it.each([deep, argumentsOf(49)])('are refused in a history, where the client wrote them', (written) => {
    expect(openai.codec.decodeRequest(history(argumentsOf(48)))).toMatchObject({ ok: true });
    expect(openai.codec.decodeRequest(history(written))).toMatchObject({
      ok: false,
      fault: {
        code: 'bad_request',
        parameter: 'messages[1].tool_calls[0].function.arguments',
        message: expect.stringContaining('no deeper than 48 levels'),
      },
    });
  });

  /** Whole answers, and the events of streamed ones, with these arguments as a text or as they are. */
  const answers: readonly [string, string][] = [
    [
      'openai',
      `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":${JSON.stringify(deep)}}}]}}]}`,
    ],
    ['openai', `{"choices":[{"message":{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}}]}`],
    ['anthropic', `{"type":"message","content":[{"type":"tool_use","name":"f","input":${deep}}]}`],
    ['responses', `{"output":[{"type":"function_call","name":"f","arguments":${JSON.stringify(deep)}}]}`],
    [
      'gemini',
      `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${deep}}}]},"finishReason":"STOP"}]}`,
    ],
    ['bedrock', `{"output":{"message":{"content":[{"toolUse":{"name":"f","input":${deep}}}]}}}`],
  ];

  it.each(answers)('make an answer of %s none', (name, answer) => {
    const decoded = wires.get(name)?.codec.decodeAnswer(utf8Bytes(answer), facts);
    expect(decoded).toMatchObject({ ok: false, fault: { class: 'protocol' } });
  });

  const finish = '{"choices":[{"delta":{},"finish_reason":"tool_calls"}]}';
  const streams: readonly [string, readonly string[]][] = [
    [
      'openai',
      [
        `{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":${JSON.stringify(deep)}}}]}}]}`,
        finish,
      ],
    ],
    ['openai', [`{"choices":[{"delta":{"tool_calls":[{"function":{"name":"f","arguments":${deep}}}]}}]}`]],
    ['anthropic', [`{"type":"content_block_start","content_block":{"type":"tool_use","name":"f","input":${deep}}}`]],
    ['gemini', [`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":${deep}}}]}}]}`]],
  ];

  it.each(streams)('end a stream of %s in a failure for every client', (name, events) => {
    for (const { codec } of clientWires.values()) {
      const decoder = wires.get(name)?.codec.decodeStream(facts) ?? expect.fail(name);
      const relay = new TranslatingRelay(decoder, codec, frame);
      const steps = events.map((data) => relay.relay({ event: null, data, raw: new Uint8Array(0) }));
      expect(steps.at(-1)).toMatchObject({ kind: 'failure', failure: { class: 'protocol' } });
    }
  });
});
