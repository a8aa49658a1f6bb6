// Reported faults of gateways (test/fixtures/cases) in how answers come back from a vendor of the other wire: each is sent through the program.
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageEventsIn, readChunks, readEvents } from '../rigs/AnswerAsRead.ts';
import { caseOf } from '../rigs/caseOf.ts';
import type { HeaderKeeper } from '../rigs/HeaderKeeper.ts';
import { Market, type ScriptedSeller } from '../rigs/Market.ts';
import { answer, answerStream } from '../rigs/ScriptedUpstream.ts';
import { chatAnswer, chatStream, messageAnswer, messageStream } from '../rigs/vendorAnswers.ts';

const errorInside = caseOf('07-anthropic-midstream-error');
const cutEnd = caseOf('09-upstream-cut-clean-end');
const replayed = caseOf('11-midstream-error-replayed');
const comments = caseOf('13-sse-comment-as-data');
const usageInParts = caseOf('15-message-delta-usage-merge');
const waits = caseOf('23-retry-after-ignored');
const reasons = caseOf('25-stop-reason-table');

const chats: ScriptedSeller = { wire: 'openai' };
const messages: ScriptedSeller = { wire: 'anthropic' };
/** Asked only after the first has failed. */
const backup = { usdPerMTok: '2' };

const models: Record<string, readonly ScriptedSeller[]> = {
  chats: [chats],
  messages: [messages],
  'case-07-chat': [messages],
  'case-07-message': [messages],
  'case-07-before': [messages, { ...messages, ...backup }],
  'case-07-across': [messages, { ...chats, ...backup }],
  'case-09': [chats],
  'case-11': [messages, { ...messages, ...backup, capabilities: { supported: ['prefill'] } }],
  'case-11-across': [messages, { ...chats, ...backup }],
  'case-23-chats': [chats],
  'case-23-messages': [messages],
};

let market: Market;
let openai: OpenAI;
let anthropic: Anthropic;
let headers: HeaderKeeper;

beforeAll(async () => {
  market = await Market.open({ models });
  ({ openai, anthropic, headers } = market);
});

afterAll(() => market[Symbol.asyncDispose]());

const hi = { role: 'user', content: 'hi' } as const;
const chat = (model: string) => ({ model, messages: [hi] });
const message = (model: string) => ({ model, max_tokens: 100, messages: [hi] });

describe('streams that break', () => {
  const request = errorInside.json('request.json');
  const { upstream: after, 'upstream-before-content': before } = errorInside.expected.variants;

  const expectFailedAttempt = async (): Promise<void> => {
    const [attempt, ...others] = await market.attempts();
    expect(others).toEqual([]);
    expect(attempt).toMatchObject({ outcome: { kind: 'failed' }, usage: { input: after.ledger.input_tokens } });
    expect(attempt!.usage['output']).toBeGreaterThanOrEqual(after.ledger.output_tokens_min);
    expect(JSON.stringify(attempt!.outcome)).toContain(after.errorClass);
  };

  it('case 07: an error after content is an error for a chat, with no [DONE] and no stop', async () => {
    market.tell('case-07-chat', answerStream(errorInside.bytes('upstream.sse')));
    const { text } = await market.send('/v1/chat/completions', { ...request, model: 'case-07-chat' });
    expect(text).toContain(after.text);
    expect(text.trim().split('\n\n').at(-1)).toMatch(/^data: \{"error":\{/);
    expect(text).not.toMatch(/\[DONE\]|"finish_reason": ?"/);
    await expectFailedAttempt();
  });

  it('case 07: an error after content is an error event for a message, with no message_stop', async () => {
    market.tell('case-07-message', answerStream(errorInside.bytes('upstream.sse')));
    const { text } = await market.send('/v1/messages', { ...request, max_tokens: 100, model: 'case-07-message' });
    expect(text).toContain(after.text);
    expect(text.trim().split('\n\n').at(-1)).toMatch(/^event: error\ndata: \{"type":"error"/);
    expect(text).not.toMatch(/message_stop|message_delta/);
    await expectFailedAttempt();
  });

  it.each([
    ['case-07-before', messageStream('all of it')],
    ['case-07-across', chatStream('all of it')],
  ] as const)('case 07: an error before content is not seen by clients of either wire (%s)', async (model, second) => {
    expect(before).toMatchObject({ outcome: 'failover', clientSeesError: false });
    for (const path of ['/v1/chat/completions', '/v1/messages'] as const) {
      market.tell(model, answerStream(errorInside.bytes('upstream-before-content.sse')));
      market.tell(model, second, 1);
      const { status, text } = await market.send(path, { ...request, max_tokens: 100, model });
      expect(status).toBe(200);
      expect(text).toContain('all of it');
      expect(text).not.toContain('error');
      if (path === '/v1/messages') {
        expect(text.match(/event: message_start/g)).toHaveLength(before.messageStartCount);
      }
    }
  });

  it('case 09: a cut is never an end, for clients of either wire', async () => {
    const { upstream } = cutEnd.expected.variants;
    expect(upstream).toEqual({ outcome: 'error-after-content', noTerminalSuccess: true });
    market.tell('case-09', answerStream(cutEnd.bytes('upstream.sse')));
    const asked = { ...cutEnd.json('request.json'), model: 'case-09', max_tokens: 100 };
    const forChat = await market.send('/v1/chat/completions', asked);
    expect(forChat.text).toContain('tok7');
    expect(forChat.text).toContain('upstream_truncated');
    expect(forChat.text).not.toMatch(/\[DONE\]|"finish_reason": ?"/);
    const forMessage = await market.send('/v1/messages', asked);
    expect(forMessage.text).toContain('tok7');
    expect(forMessage.text).toContain('event: error');
    expect(forMessage.text).not.toMatch(/message_stop|message_delta/);
  });

  it('case 09: an end without [DONE] is one, and gets it', async () => {
    const variant = cutEnd.expected.variants['upstream-no-done-but-finished'];
    market.tell('chats', answerStream(cutEnd.bytes('upstream-no-done-but-finished.sse')));
    const asked = { ...cutEnd.json('request.json'), model: 'chats', max_tokens: 100 };
    const forChat = await market.send('/v1/chat/completions', asked);
    expect(forChat.text).toContain(`"finish_reason":"${variant.finish_reason}"`);
    expect(forChat.text.endsWith('data: [DONE]\n\n')).toBe(variant.clientEndsWithDone);
    const forMessage = await anthropic.messages.stream(message('chats')).finalMessage();
    expect(forMessage).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: 'ok' }] });
  });

  it.each([
    ['case-11', answerStream(replayed.bytes('upstream2.sse'))],
    ['case-11-across', chatStream('Hello world!')],
  ] as const)(
    'case 11: an answer that broke off is never begun again in the same stream (%s)',
    async (model, second) => {
      const expected = replayed.expected;
      market.tell(model, answerStream(replayed.bytes('upstream1.sse')));
      market.tell(model, second, 1);
      const asked = { ...replayed.json('request.json'), model };
      const forMessage = await market.send('/v1/messages', asked);
      expect(forMessage.text.match(/event: message_start/g)).toHaveLength(expected.messageStartCount);
      const events = messageEventsIn(forMessage.text);
      const { text } = readEvents(events);
      expect(text).not.toBe(expected.forbidText);
      expect(expected.anyOf).toContainEqual({ endsWith: events.at(-1)!.type, text });

      const forChat = await market.send('/v1/chat/completions', asked);
      expect(forChat.text).toContain('Hello wor');
      expect(forChat.text).not.toContain('Hello world!');
      expect(forChat.text).not.toContain('[DONE]');
    },
  );

  it('case 11: an answer that broke off is gone on with where another vendor has the rest of it', async () => {
    market.tell('case-11', answerStream(replayed.bytes('upstream1.sse')));
    market.tell('case-11', messageStream('ld!'), 1);
    const asked = { ...replayed.json('request.json'), model: 'case-11' };
    const { text: sent } = await market.send('/v1/messages', asked);
    expect(sent.match(/event: message_start/g)).toHaveLength(replayed.expected.messageStartCount);
    const events = messageEventsIn(sent);
    expect(replayed.expected.anyOf).toContainEqual({ endsWith: events.at(-1)!.type, text: readEvents(events).text });
    expect(events.at(-1)!.type).toBe('message_stop');
  });
});

describe('streams that are odd', () => {
  it('case 13: comments are no data, for clients of either wire', async () => {
    const expected = comments.expected;
    market.tell('chats', answerStream(comments.bytes('upstream.sse')));
    const { text } = await market.send('/v1/chat/completions', { ...chat('chats'), stream: true });
    expect(text).not.toMatch(new RegExp(expected.forbidLines, 'm'));
    const read = readChunks(
      await Array.fromAsync(await openai.chat.completions.create({ ...chat('chats'), stream: true })),
    );
    expect([read.text, read.ending]).toEqual([expected.content, expected.finish_reason]);

    const forMessage = await market.send('/v1/messages', { ...message('chats'), stream: true });
    expect(forMessage.text).not.toMatch(new RegExp(expected.forbidLines, 'm'));
    const told = await anthropic.messages.stream(message('chats')).finalMessage();
    expect(told).toMatchObject({ stop_reason: 'end_turn', content: [{ type: 'text', text: expected.content }] });
  });

  const usages: Record<string, Record<string, number>> = usageInParts.expected.variants;

  it.each(Object.entries(usages))('case 15: usage told in parts is one usage (%s)', async (variant, wanted) => {
    market.tell('messages', answerStream(usageInParts.bytes(`${variant}.sse`)));
    const request = { ...usageInParts.json('request.json'), model: 'messages' };
    const { usage } = await openai.chat.completions
      .stream({ ...request, stream_options: { include_usage: true } })
      .finalChatCompletion();
    expect(usage).toMatchObject({
      prompt_tokens: wanted['openaiPromptTokens'],
      completion_tokens: wanted['output'],
      prompt_tokens_details: { cached_tokens: wanted['cacheRead'] },
    });
    const [attempt] = await market.attempts();
    const { input = 0, cacheRead = 0, cacheWrite5m = 0, cacheWrite1h = 0, output = 0 } = attempt!.usage;
    expect({ input, cacheRead, cacheWrite: cacheWrite5m + cacheWrite1h, output }).toEqual({
      input: wanted['input'],
      cacheRead: wanted['cacheRead'],
      cacheWrite: wanted['cacheWrite'],
      output: wanted['output'],
    });
  });
});

describe('case 23: a wait that a vendor asks for', () => {
  const rows: readonly { status: number; headers: Record<string, string>; action?: string; cooldownMs?: number }[] =
    waits.json('cases.json');
  const hour = rows.find(({ cooldownMs }) => cooldownMs === 3_600_000)!;

  it.each([
    ['/v1/chat/completions', 'case-23-messages'],
    ['/v1/messages', 'case-23-chats'],
  ] as const)('is told to a client of the other wire on %s, and kept', async (path, model) => {
    market.tell(model, answer(hour.status, { error: { message: 'slow down' } }, hour.headers));
    for (const turn of ['first', 'second']) {
      const { status } = await market.send(path, message(model));
      expect([turn, status]).toEqual([turn, 429]);
      // Asked again within it, the program looks at the vendor after five minutes, and says so.
      expect(Number(headers.last('retry-after'))).toBeGreaterThan(turn === 'first' ? 3_500 : 200);
      expect(market.calls(model)).toHaveLength(1);
    }
  });

  it('means nothing beside an answer', async () => {
    const { headers: hint } = rows.find(({ status }) => status === 200)!;
    const before = market.calls('messages').length;
    market.tell('messages', answer(200, messageAnswer('fine'), hint));
    for (const _ of [1, 2]) expect((await market.send('/v1/chat/completions', chat('messages'))).status).toBe(200);
    expect(headers.last('retry-after')).toBe(null);
    expect(market.calls('messages')).toHaveLength(before + 2);
  });
});

describe('case 25: why an answer ended', () => {
  const { anthropic: toChat, openaiToAnthropic: toMessage } = reasons.json('table.json');
  const chatReason = async (stopReason: string): Promise<string> => {
    const whole = { ...messageAnswer('some'), stop_reason: stopReason };
    market.tell('messages', answer(200, whole));
    const { choices } = await openai.chat.completions.create(chat('messages'));
    return choices[0]!.finish_reason;
  };

  it.each(Object.entries<string>(toChat))('%s of a message is %s for a chat', async (stopReason, wanted) => {
    const said = await chatReason(stopReason);
    if (wanted.startsWith('$')) expect(said).not.toBe('stop');
    else expect(said).toBe(wanted);
  });

  it('a word of the future is no stop', async () => {
    expect(await chatReason('tired')).not.toBe('stop');
  });

  it('no room left is told as length', async () => {
    market.tell('messages', answer(200, reasons.bytes('upstream-anthropic-ctx.json')));
    const { choices } = await openai.chat.completions.create(chat('messages'));
    expect(choices[0]).toMatchObject({
      finish_reason: reasons.expected['upstream-anthropic-ctx'].finish_reason,
      message: { content: 'cut' },
    });
  });

  it.each(Object.entries<string>(toMessage))('%s of a chat is %s for a message', async (finish, wanted) => {
    const calls = [{ id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } }];
    const said = finish === 'tool_calls' ? { content: null, tool_calls: calls } : { content: 'some' };
    const whole = {
      ...chatAnswer(''),
      choices: [{ index: 0, message: { role: 'assistant', ...said }, finish_reason: finish }],
    };
    market.tell('chats', answer(200, whole));
    expect((await anthropic.messages.create(message('chats'))).stop_reason).toBe(wanted);
  });
});
