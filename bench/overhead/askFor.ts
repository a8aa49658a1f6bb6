import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { AnswerReader } from './AnswerReader.ts';
import type { Contender, Way } from './Contender.ts';
import { connect } from 'node:net';
import type { Ask } from './Load.ts';
import { recordedAnswers, requestBody, type WireName } from './recordedTraffic.ts';
import type { Upstream } from './startUpstream.ts';
import { vendorModel } from './contenders/startArchipel.ts';

const answerMs = 10_000;

/** What an answer says, whatever the wire: what a contender that writes it anew must keep. */
interface Meaning {
  readonly text: string;
  readonly finish: 'stop' | 'length' | 'other';
  readonly outputTokens: number | null;
}

const chatChoice = z.object({
  message: z.object({ content: z.string().nullish() }).optional(),
  delta: z.object({ content: z.string().nullish() }).optional(),
  finish_reason: z.string().nullish(),
});
const chatShape = z.object({
  choices: z.array(chatChoice).default([]),
  usage: z.object({ completion_tokens: z.number().optional() }).nullish(),
});
const messageShape = z.object({
  type: z.string(),
  content: z.array(z.object({ text: z.string().optional() })).optional(),
  delta: z.object({ text: z.string().optional(), stop_reason: z.string().nullish() }).optional(),
  stop_reason: z.string().nullish(),
  usage: z.object({ output_tokens: z.number().optional() }).nullish(),
});

const finishes: Readonly<Record<string, Meaning['finish']>> = {
  stop: 'stop',
  end_turn: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  max_tokens: 'length',
};

/** One JSON text of an answer: the whole of it, or one event. */
const pieceOf = (wire: WireName, json: unknown): { text: string; finish?: string | null; output?: number } => {
  if (wire === 'openai') {
    const { choices, usage } = chatShape.parse(json);
    const [choice] = choices;
    const output = usage?.completion_tokens;
    return {
      text: choice?.message?.content ?? choice?.delta?.content ?? '',
      finish: choice?.finish_reason ?? null,
      ...(output === undefined ? {} : { output }),
    };
  }
  const message = messageShape.parse(json);
  const output = message.usage?.output_tokens;
  return {
    text: (message.content ?? []).map(({ text = '' }) => text).join('') + (message.delta?.text ?? ''),
    finish: message.stop_reason ?? message.delta?.stop_reason ?? null,
    ...(output === undefined ? {} : { output }),
  };
};

const jsonTexts = (body: string, stream: boolean): string[] =>
  stream
    ? [...body.matchAll(/^data: ?(.*)$/gm)].map(([, data = '']) => data).filter((data) => data !== '[DONE]')
    : [body];

const meaningOf = (wire: WireName, stream: boolean, body: string): Meaning => {
  const pieces = jsonTexts(body, stream).map((text) => pieceOf(wire, JSON.parse(text)));
  const finish = pieces.findLast((piece) => typeof piece.finish === 'string')?.finish ?? '';
  return {
    text: pieces.map(({ text }) => text).join(''),
    finish: finishes[finish] ?? 'other',
    outputTokens: pieces.findLast(({ output }) => output !== undefined)?.output ?? null,
  };
};

const requestOf = (contender: Contender, way: Way, body: Buffer, headers: Readonly<Record<string, string>>): Buffer => {
  const lines = [
    `POST ${recordedAnswers[way.client].path} HTTP/1.1`,
    `host: 127.0.0.1:${contender.port}`,
    'content-type: application/json',
    'accept: */*',
    'user-agent: bench',
    `content-length: ${body.length}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
};

/** Asks once on a connection of its own, and keeps what comes. */
const askOnce = async (port: number, request: Buffer): Promise<AnswerReader> => {
  const reader = new AnswerReader(true);
  const socket = connect(port, '127.0.0.1');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(answerMs, () => reject(new Error(`no answer within ${answerMs} ms`)));
      socket.on('error', reject);
      socket.on('close', () => reject(new Error('the connection was closed')));
      socket.on('data', (bytes: Buffer) => {
        try {
          reader.push(bytes);
        } catch (error) {
          reject(error instanceof Error ? error : new Error(String(error)));
        }
        if (reader.over) resolve();
      });
      socket.write(request);
    });
    return reader;
  } finally {
    socket.destroy();
  }
};

const checkRequest = (contender: Contender, way: Way, sent: Buffer, seen: Buffer, model: string): string | null => {
  if (way.client === way.vendor && contender.fidelity === 'bytes') {
    const expected = sent.toString().replace(JSON.stringify(model), JSON.stringify(vendorModel));
    return seen.toString() === expected ? null : `the vendor was sent ${seen.toString()}`;
  }
  const { model: asked } = z.looseObject({ model: z.string() }).parse(JSON.parse(seen.toString()));
  if (asked !== vendorModel) return `the vendor was asked for ${asked}`;
  return seen.includes('Summarise that in one sentence.') ? null : 'the vendor was not sent the conversation';
};

const checkAnswer = (contender: Contender, way: Way, got: Buffer): string | null => {
  const recorded = recordedAnswers[way.vendor];
  const whole = way.stream ? Buffer.concat(recorded.events) : recorded.whole;
  if (way.client === way.vendor && contender.fidelity === 'bytes')
    return got.equals(whole) ? null : 'the answer is not the recorded one, byte for byte';
  const meant = meaningOf(way.vendor, way.stream, whole.toString());
  const read = meaningOf(way.client, way.stream, got.toString());
  return isDeepStrictEqual(meant, read)
    ? null
    : `the answer means ${JSON.stringify(read)}, not ${JSON.stringify(meant)}`;
};

/**
 * Asks a contender for one way, looks at what the vendor was sent and at what came back, and only then says what a load may ask.
 * @returns the ask, or why this way cannot be timed.
 */
export const askFor = async (contender: Contender, way: Way, upstream: Upstream): Promise<Ask | string> => {
  const address = contender.address(way);
  if (typeof address === 'string') return address;
  const body = requestBody(way.client, address.model, way.stream);
  const request = requestOf(contender, way, body, address.headers);
  const answer = await askOnce(contender.port, request);
  if (answer.status !== 200) return `answers ${answer.status}: ${answer.body.toString().slice(0, 300)}`;
  const { path, body: seen } = await upstream.lastCall();
  if (path !== recordedAnswers[way.vendor].path) return `calls ${path}`;
  const fault = checkRequest(contender, way, body, seen, address.model) ?? checkAnswer(contender, way, answer.body);
  if (fault !== null) return fault;
  return { port: contender.port, request, bodyBytes: answer.bodyBytes, events: answer.events };
};
