import { describe, expect, it } from 'vitest';

import type { Answer, AnswerPart } from '../../vocabulary/index.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { encodeAll, eventsOf, frame, partsOf } from '../codec/answers.fixture.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { responsesWire } from '../responses/responsesWire.ts';
import { judgeChat, judgeGenerated, judgeMessages, judgeResponses } from '../streamGrammar.fixture.ts';
import type { SseEvent } from '../sse/SseReader.ts';
import type { Wire } from '../wire.ts';
import { ContinuingRelay } from './ContinuingRelay.ts';
import { followedLengthMax, type RunningAnswer } from './RunningAnswer.ts';
import {
  clients,
  continued,
  cutRecordings,
  factsOf,
  followed,
  partsIn,
  textOf,
  withoutSeams,
} from './spliced.fixture.ts';

const judges = new Map([
  [openaiWire, judgeChat],
  [anthropicWire, judgeMessages],
  [geminiWire, judgeGenerated],
  [responsesWire, judgeResponses],
]);

const judge = (client: Wire, sse: string) => judges.get(client)?.(withoutSeams(sse));

const answerOf = (...content: Answer['content']): Answer => ({
  id: 'resp_1',
  model: 'vendor-model',
  content,
  finish: { reason: 'stop', native: null, stopSequence: null },
  usage: { input: 7, output: 9 },
});

/** A stream of a vendor that gives this answer. */
const streamOf = (wire: Wire, answer: Answer): SseEvent[] =>
  eventsOf(encodeAll(wire.codec.encodeStream({ ...frame, requestId: '0198' }), partsOf(answer, [3, 1, 2])));

const rest =
  '— and that is the rest of it, as another vendor tells it, in words enough that its start can be judged: 42.';
const restStream = streamOf(anthropicWire, answerOf({ type: 'text', text: rest }));

/** Whether words alone are the answer so far, and its last: told from the parts that the client has. */
const standsInWords = (parts: readonly AnswerPart[]): boolean => {
  const isOther = ({ type }: AnswerPart): boolean => /^(tool-call|refusal|finish)/.test(type);
  const last = parts.findLast(({ type }) => /^(text|thinking|redacted-thinking)/.test(type) && !type.endsWith('-end'));
  return !parts.some(isOther) && last?.type === 'text-delta';
};

describe.each(clients.map((client) => [client.name, client] as const))('a client of %s', (_, client) => {
  const cuts = [...cutRecordings(client, { direct: 4, translated: 1 })];

  it('gets the words of one vendor and the rest of another, wherever a recorded stream is cut', () => {
    let spliced = 0;
    for (const cut of cuts) {
      if (cut.running === null) continue;
      const whole = cut.before + continued(cut.running, anthropicWire, restStream).sse;
      const read = partsIn(client, whole);
      expect(textOf(read), cut.name).toBe(cut.running.text + rest);
      expect(read.at(-1)?.type, cut.name).toBe('answer-end');
      if (!cut.isDirect) expect(judge(client, whole), cut.name).toEqual({ fault: null, whole: true });
      spliced += 1;
    }
    expect(spliced).toBeGreaterThan(5);
  });

  it('has nothing that others could go on with unless it stands in words alone', () => {
    for (const { name, before, parts, running, isToldWhy, isDirect } of cuts) {
      if (!standsInWords(parts) || isToldWhy) expect(running, name).toBeNull();
      // What only one wire has (tools of its vendor, citations) bars its own stream alone.
      else if (running !== null || !isDirect) expect(running?.text, name).toBe(textOf(partsIn(client, before)));
    }
  });

  const said = 'One vendor says this much, and then its line breaks off in the middle of a wor';
  const thought = { type: 'thinking', text: 'hm', seal: null } as const;

  it.each([
    ['words', answerOf({ type: 'text', text: said })],
    ['words behind thinking', answerOf(thought, { type: 'text', text: said })],
    ['words in two pieces', answerOf({ type: 'text', text: said }, { type: 'text', text: ` and ${said}` })],
  ])('gets one stream by the rules of its protocol, wherever its own vendor is cut in %s', (_what, answer) => {
    const events = streamOf(client, answer);
    let spliced = 0;
    for (let cut = 1; cut < events.length; cut += 1) {
      const relay = followed(client, client);
      const before = Buffer.concat(events.slice(0, cut).map((event) => relay.relay(event).bytes)).toString('utf8');
      const { running = null } = relay;
      if (running === null) continue;
      const { sse } = continued(running, anthropicWire, restStream);
      expect(judge(client, before + sse), sse).toEqual({ fault: null, whole: true });
      expect(textOf(partsIn(client, before + sse))).toBe(running.text + rest);
      spliced += 1;
    }
    expect(spliced).toBeGreaterThan(15);
  });

  it('goes on with no more than so much: what is longer is kept no more', () => {
    const words = (length: number): AnswerPart[] => [
      { type: 'answer-start', id: 'resp_1', model: 'm' },
      { type: 'text-start', block: 0 },
      ...Array.from({ length: 2 }, () => ({ type: 'text-delta', block: 0, text: 'a'.repeat(length / 2) }) as const),
    ];
    for (const vendor of [client, client === openaiWire ? anthropicWire : openaiWire]) {
      for (const [length, isFollowed] of [
        [followedLengthMax, true],
        [followedLengthMax + 2, false],
      ] as const) {
        const relay = followed(vendor, client);
        for (const event of eventsOf(encodeAll(vendor.codec.encodeStream(frame), words(length)))) relay.relay(event);
        expect(relay.running?.text.length, vendor.name).toBe(isFollowed ? length : undefined);
      }
    }
  });

  it('is told the sum of what both used, and where the seam is', () => {
    const [cut, ...ways] = [8, client, openaiWire === client ? anthropicWire : openaiWire] as const;
    for (const vendor of ways) {
      const relay = followed(vendor, client);
      for (const event of streamOf(vendor, answerOf({ type: 'text', text: said })).slice(0, cut)) relay.relay(event);
      const { running = null } = relay;
      if (running === null) throw new Error('the answer runs');
      const { textLength, trimmed } = { textLength: running.text.length, trimmed: 0 };
      const { sse } = continued(running, anthropicWire, restStream);
      const usage = partsIn(client, sse).findLast((part) => part.type === 'usage');
      if (client !== responsesWire) expect(usage?.usage).toMatchObject({ input: 12, output: 12 });
      else expect(sse).toContain('"input_tokens":12');
      const seam = JSON.stringify({ from: 'first/m', to: 'second/m', textLength, trimmed });
      expect(sse).toContain(`"archipel":{"seams":[${seam}]}`);
      if (client === openaiWire || client === responsesWire) expect(sse).toMatch(/^: archipel-seam \{/);
    }
  });
});

describe('a continuation', () => {
  const said = 'One vendor says this much and a little more, and then its line breaks off in the middle of a wor';
  const running = () => {
    const relay = followed(openaiWire, openaiWire);
    for (const event of streamOf(openaiWire, answerOf({ type: 'text', text: said })).slice(0, -3)) relay.relay(event);
    if (!relay.running) throw new Error('the answer runs');
    return relay.running;
  };
  const after = (answer: Answer) => continued(running(), anthropicWire, streamOf(anthropicWire, answer));

  it.each([
    ['begins the answer anew', answerOf({ type: 'text', text: said + rest }), 'restarted'],
    ['apologises', answerOf({ type: 'text', text: `I'm sorry, but I cannot do that.${rest}` }), 'apologised'],
    ['refuses', answerOf({ type: 'refusal', text: 'No.' }), 'apologised'],
    ['is empty', answerOf(), 'empty'],
    [
      'is in another script',
      answerOf({ type: 'text', text: ' и тогда оно продолжается совсем иначе, чем прежде.' }),
      'other_script',
    ],
  ])('of which nothing goes out where it %s', (_, answer, why) => {
    const { sse, relay, kinds } = after(answer);
    expect(sse).toBe('');
    expect(relay.seam).toEqual({ by: 'prefill', trimmed: 0, refused: why, isSewn: false });
    expect(relay.fault).toMatchObject({ class: 'protocol', cause: `continuation_${why}` });
    expect(kinds).toContain('failure');
    expect(kinds).not.toContain('content');
    expect(relay.running?.text).toBe(said);
  });

  it('that is none is nothing to whoever writes the stream: not even what it used', () => {
    const told: AnswerPart[] = [];
    const encode = (parts: readonly AnswerPart[]): string => {
      told.push(...parts);
      return '';
    };
    const encoder = { encode, sew: () => '' };
    const answered: RunningAnswer = { text: said, isUntouched: false, resume: () => ({ encoder, open: 0, next: 1 }) };
    const taken = { running: answered, usage: {}, from: 'first/m', to: 'second/m' };
    const write = (text: string): void => {
      const decoder = anthropicWire.codec.decodeStream(factsOf(anthropicWire));
      const relay = new ContinuingRelay(decoder, taken, 'prefill', frame);
      for (const event of streamOf(anthropicWire, answerOf({ type: 'text', text }))) relay.relay(event);
    };
    write(said + rest);
    expect(told).toEqual([]);
    write(rest);
    expect(told.findLast((part) => part.type === 'usage')).toMatchObject({ usage: { input: 7, output: 9 } });
  });

  it('of a response that told of a failure goes on behind the last number that its client has', () => {
    const relay = followed(responsesWire, responsesWire);
    const events = streamOf(responsesWire, answerOf({ type: 'text', text: said })).slice(0, 9);
    const before = Buffer.concat(events.map((event) => relay.relay(event).bytes)).toString('utf8');
    const error = { type: 'error', sequence_number: 9, code: 'server_error', message: 'out', param: null };
    const [told] = eventsOf(`event: error\ndata: ${JSON.stringify(error)}\n\n`);
    if (told === undefined) throw new Error('an event');
    expect(relay.relay(told).kind).toBe('failure');
    if (!relay.running) throw new Error('the answer runs');
    const { sse } = continued(relay.running, anthropicWire, restStream);
    expect(judge(responsesWire, before + sse)).toEqual({ fault: null, whole: true });
    const numbers = [...(before + sse).matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));
    expect(numbers).toEqual(numbers.map((_, index) => index));
  });

  it('that repeats the end goes on behind what it repeats, and says how much that was', () => {
    const { sse, relay } = after(answerOf({ type: 'text', text: said.slice(-30) + rest }));
    expect(textOf(partsIn(openaiWire, sse))).toBe(rest);
    expect(relay.seam).toEqual({ by: 'prefill', trimmed: 30, refused: null, isSewn: true });
    expect(sse).toContain('"trimmed":30');
  });

  it('may call a tool, before or behind words, and nobody goes on with it after that', () => {
    const call = { type: 'tool-call', id: 'call_1', name: 'look', arguments: '{"at":1}' } as const;
    for (const content of [[call], [{ type: 'text', text: rest }, call]] as const) {
      const { sse, relay } = after(answerOf(...content));
      const parts = partsIn(openaiWire, sse);
      expect(parts.filter(({ type }) => type === 'tool-call-start')).toMatchObject([{ id: 'call_1', name: 'look' }]);
      expect(relay.running).toBeNull();
    }
  });

  it('may break off itself, and is gone on with by a third', () => {
    const { relay } = continued(running(), anthropicWire, restStream.slice(0, -6));
    if (relay.running === null) throw new Error('the answer runs');
    expect(relay.running.text).toMatch(new RegExp(`^${said}— and`));
    const third = continued(
      relay.running,
      anthropicWire,
      streamOf(anthropicWire, answerOf({ type: 'text', text: ' the end.' })),
    );
    expect(textOf(partsIn(openaiWire, third.sse))).toBe(' the end.');
    expect(third.sse.match(/"from"/g)).toHaveLength(3);
  });

  it('thinks for itself: nothing of that goes out', () => {
    const { sse } = after(
      answerOf({ type: 'thinking', text: 'how did it go on?', seal: null }, { type: 'text', text: rest }),
    );
    expect(sse).not.toContain('how did it go on?');
    expect(textOf(partsIn(openaiWire, sse))).toBe(rest);
  });

  it('is asked of nobody who knows why the answer ended', () => {
    for (const client of clients) {
      const relay = followed(anthropicWire, client);
      for (const event of streamOf(anthropicWire, answerOf({ type: 'text', text: said })).slice(0, -1))
        relay.relay(event);
      expect(relay.running ?? null, client.name).toBeNull();
    }
    expect(followed(openaiWire, anthropicWire).running).toBeNull();
    expect(openaiWire.observeStream(factsOf(openaiWire)).running).toBeNull();
  });
});
