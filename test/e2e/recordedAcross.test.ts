// What vendors really answered, read through the program by the official SDK of the other wire.
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readChunks, readCompletion, readEvents, readMessage, type AnswerAsRead } from '../rigs/AnswerAsRead.ts';
import { Market, type ScriptedSeller } from '../rigs/Market.ts';
import { recordedAnswers, type RecordedAnswer } from '../rigs/recordedAnswers.ts';
import { answer, answerStream } from '../rigs/ScriptedUpstream.ts';

/** Recordings that are no whole answer, with what a client of the other wire is told: a status, or null inside the stream, and words. */
const faults: Readonly<Record<string, { readonly status: number | null; readonly said: string }>> = {
  'anthropic/spliced-message-start.chunks.txt': { status: null, said: 'broke off (second_message_start)' },
  'anthropic/duplicate-message-start.chunks.txt': { status: 502, said: 'second_message_start' },
  'groq/tool-use-failed-midstream.0.response.sse': { status: null, said: 'broke off (tool_use_failed)' },
  'openrouter/midstream-error.response.sse': { status: null, said: 'broke off (context_length_exceeded)' },
  'azure/prompt-filter.0.json': { status: 400, said: 'The response was filtered due to the prompt triggering' },
};

const refused =
  "This request triggered restrictions on violative cyber content and was blocked under Anthropic's Usage Policy.";

/** What is told otherwise than the SDK of the vendor's own wire reads it, and why. */
const toldOtherwise: Readonly<Record<string, Partial<AnswerAsRead>>> = {
  // Words of refusal mean that the model did not answer, whatever the finish reason says.
  'openai/refusal.0.json': { ending: 'content-filter' },
  'openai/refusal.1.json': { ending: 'content-filter' },
  'openai/refusal.2.json': { ending: 'content-filter' },
  // The explanation stands beside the stop reason, where the SDK shows it as no text; the other wire has a place for such words.
  'anthropic/anthropic-refusal.json': { text: refused },
  'anthropic/anthropic-refusal.chunks.txt': { text: refused },
  // A turn that wants to be continued is not whole: the other wire can only say that it was cut.
  'anthropic/pause-turn-stream.0.response.sse': { ending: 'length' },
  // This vendor counts reasoning outside the completion, and the compaction outside the totals; both are billed.
  'xai/xai-text.json': { usage: { input: 12, cacheRead: 2, output: 229 } },
  'xai/xai-tool-call.json': { usage: { input: 291, cacheRead: 244, output: 215 } },
  'xai/xai-tool-call.chunks.txt': { usage: { input: 291, cacheRead: 290, output: 222 } },
  'anthropic/compaction-usage-stream.response.sse': { usage: { input: 55_377, cacheRead: 55_096, output: 91 } },
};

/** A message always tells usage; where the vendor told none, the input is the estimate that the stream began with. */
const untold = { input: expect.toSatisfy((tokens: number) => tokens > 0 && tokens < 100), cacheRead: 0, output: 0 };

const modelOf = (recording: RecordedAnswer): string => `recording-${recordedAnswers.indexOf(recording)}`;
/** The same stream, cut off before it says why it ended. */
const cutModelOf = (recording: RecordedAnswer): string => `cut-${modelOf(recording)}`;

const finishing = /"(?:finish_reason|stop_reason)": ?"/;

/** Whole events up to the one that says why the answer ended. */
const cutBytes = ({ bytes }: RecordedAnswer): string => {
  const events = bytes.toString('utf8').split(/(?<=\r?\n\r?\n)/);
  return events
    .slice(
      0,
      events.findIndex((event) => finishing.test(event)),
    )
    .join('');
};

const named = (recordings: readonly RecordedAnswer[]): (readonly [string, RecordedAnswer])[] =>
  recordings.map((recording) => [recording.name, recording]);

const faulty = recordedAnswers.filter(({ name }) => name in faults);
const sound = recordedAnswers.filter(({ name }) => !(name in faults));
const chats = sound.filter(({ wire, kind }) => wire === 'openai' && kind !== 'embeddings');
const messages = sound.filter(({ wire }) => wire === 'anthropic');
const embeddings = sound.filter(({ kind }) => kind === 'embeddings');
const streams = sound.filter(({ kind }) => kind === 'stream');

const sellersOf = (recordings: readonly RecordedAnswer[], nameOf: typeof modelOf): Record<string, ScriptedSeller[]> =>
  Object.fromEntries(recordings.map((recording) => [nameOf(recording), [{ wire: recording.wire }]]));

let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;

beforeAll(async () => {
  market = await Market.open({
    models: { ...sellersOf(recordedAnswers, modelOf), ...sellersOf(streams, cutModelOf) },
    // Nobody else sells them: a second attempt would only be waited for.
    limits: { attempts: 1 },
  });
  ({ openai, anthropic } = market);
  for (const recording of recordedAnswers) {
    const { kind, bytes } = recording;
    market.tell(modelOf(recording), kind === 'stream' ? answerStream(bytes) : answer(200, bytes));
  }
  for (const recording of streams) market.tell(cutModelOf(recording), answerStream(cutBytes(recording)));
});

afterAll(() => market[Symbol.asyncDispose]());

const question = { role: 'user', content: 'Hello' } as const;
/** Thinking is asked for, so that it is shown. */
const chat = (model: string) => ({ model, messages: [question], reasoning_effort: 'high' as const });
const message = (model: string) => ({
  model,
  messages: [question],
  max_tokens: 4_096,
  thinking: { type: 'enabled' as const, budget_tokens: 1_024 },
});
const withUsage = { stream_options: { include_usage: true } };

const readChat = async ({ kind }: Pick<RecordedAnswer, 'kind'>, model: string): Promise<AnswerAsRead> => {
  if (kind === 'whole') return readCompletion(await openai.chat.completions.create(chat(model)));
  const runner = openai.chat.completions.stream({ ...chat(model), ...withUsage });
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  runner.on('chunk', (chunk) => chunks.push(chunk));
  // The helper keeps the last piece alone of what its type does not know, such as thinking.
  return { ...readCompletion(await runner.finalChatCompletion()), thinking: readChunks(chunks).thinking };
};

const readAsMessage = async ({ kind }: Pick<RecordedAnswer, 'kind'>, model: string): Promise<AnswerAsRead> => {
  if (kind === 'whole') return readMessage(await anthropic.messages.create(message(model)));
  return readMessage(await anthropic.messages.stream(message(model)).finalMessage());
};

/** What the SDK of the vendor's own wire reads where nothing stands between. */
const readDirectly = async (recording: RecordedAnswer): Promise<AnswerAsRead> => {
  const model = modelOf(recording);
  const url = market.urlOf(model);
  if (recording.wire === 'openai') {
    const direct = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-direct', maxRetries: 0 });
    if (recording.kind === 'whole') return readCompletion(await direct.chat.completions.create(chat(model)));
    return readChunks(
      await Array.fromAsync(await direct.chat.completions.create({ ...chat(model), stream: true, ...withUsage })),
    );
  }
  const direct = new Anthropic({ baseURL: url, apiKey: 'sk-direct', maxRetries: 0 });
  if (recording.kind === 'whole') return readMessage(await direct.messages.create(message(model)));
  return readEvents(await Array.fromAsync(await direct.messages.create({ ...message(model), stream: true })));
};

describe('recorded answers', () => {
  it('are many, of every kind', () => {
    const count = (recordings: readonly RecordedAnswer[]) => ({
      whole: recordings.filter(({ kind }) => kind === 'whole').length,
      streams: recordings.filter(({ kind }) => kind === 'stream').length,
    });
    expect([count(chats), count(messages)]).toEqual([
      { whole: 39, streams: 26 },
      { whole: 22, streams: 19 },
    ]);
    expect([embeddings.length, faulty.length]).toEqual([3, 5]);
  });
});

describe('an answer of the openai wire', () => {
  it.each(named(chats))('%s says the same to a client of the anthropic wire', async (name, recording) => {
    const direct = await readDirectly(recording);
    const wanted = { ...direct, usage: direct.usage ?? untold, ...toldOtherwise[name] };
    expect(await readAsMessage(recording, modelOf(recording))).toEqual(wanted);
  });
});

describe('an answer of the anthropic wire', () => {
  it.each(named(messages))('%s says the same to a client of the openai wire', async (name, recording) => {
    const wanted = { ...(await readDirectly(recording)), ...toldOtherwise[name] };
    expect(await readChat(recording, modelOf(recording))).toEqual(wanted);
  });
});

describe('an answer that is none', () => {
  /** What the SDK of the other wire throws: its status (null inside a stream) and all that it says. */
  const errorOf = async (recording: RecordedAnswer, model: string) => {
    const read = recording.wire === 'openai' ? readAsMessage : readChat;
    const { APIError } = recording.wire === 'openai' ? Anthropic : OpenAI;
    const error: unknown = await read(recording, model).then(
      (answered) => expect.fail(`answered with ${JSON.stringify(answered).slice(0, 200)}`),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof APIError)) throw error;
    expect(market.calls(model)).toHaveLength(1);
    return { status: error.status ?? null, said: `${error.message} ${JSON.stringify(error.error)}` };
  };

  it.each(named(faulty))('%s is an error for a client of the other wire', async (name, recording) => {
    const { status, said } = faults[name]!;
    expect(await errorOf(recording, modelOf(recording))).toEqual({ status, said: expect.stringContaining(said) });
  });

  it.each(named(streams))(
    '%s, cut before its end, is an error for a client of the other wire',
    async (_, recording) => {
      const { status, said } = await errorOf(recording, cutModelOf(recording));
      // What was cut before the first content can still be told by a status.
      expect(status === 502 || said.includes('upstream_truncated'), `${status} ${said}`).toBe(true);
    },
  );

  it('is never a mistake of ours', () => {
    expect(market.server.stderr()).not.toContain('"level":"error"');
  });
});

describe('embeddings', () => {
  it.each(named(embeddings))('%s pass as they are', async (_, recording) => {
    const asked = { model: modelOf(recording), input: 'a text', encoding_format: 'float' as const };
    const direct = new OpenAI({ baseURL: `${market.urlOf(asked.model)}/v1`, apiKey: 'sk-direct', maxRetries: 0 });
    const answered = await openai.embeddings.create(asked);
    expect(answered).toEqual(await direct.embeddings.create(asked));
    expect(answered.data[0]!.embedding.length).toBeGreaterThan(3);
  });

  it('are refused where only a vendor of the anthropic wire sells the model', async () => {
    const model = modelOf(messages[0]!);
    const calls = market.calls(model).length;
    await expect(openai.embeddings.create({ model, input: 'a text' })).rejects.toMatchObject({
      status: 400,
      code: 'unsupported_feature',
    });
    expect(market.calls(model)).toHaveLength(calls);
  });
});
