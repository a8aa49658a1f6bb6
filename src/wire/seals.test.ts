// The whole circle of a seal: a vendor's answer, a client of another wire that keeps what its wire has, its next request, a target.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { AnswerContent, GenerateRequest, Seal } from '../vocabulary/index.ts';
import { anthropicWire } from './anthropic/anthropicWire.ts';
import { frame as someFrame } from './codec/answers.fixture.ts';
import type { AnswerFrame, SealPlace } from './codec/Codec.ts';
import { thinker } from './codec/requests.fixture.ts';
import { withOpenSeals } from './codec/withOpenSeals.ts';
import { openaiWire } from './openai/openaiWire.ts';
import { responsesWire } from './responses/responsesWire.ts';
import { utf8Bytes } from './utf8.ts';
import type { Wire } from './wire.ts';

const at: SealPlace = { boundary: 'google/main/-', model: 'gemini-3-pro' };
const elsewhere: SealPlace = { boundary: 'google/other/-', model: 'gemini-3-flash' };
const frame: AnswerFrame = { ...someFrame, sealedAt: at };

const question = { role: 'user', content: 'hi' };
const result = (id: string) => ({ type: 'tool_result', tool_use_id: id, content: 'ok' });

/** What of an answer a client gives back, by its wire. */
interface Given {
  readonly choices: readonly { readonly message: object }[];
  readonly content: readonly object[];
  readonly output: readonly object[];
}

/** What a client sends next: the answer as it was given, and the result of its call. */
const histories: readonly (readonly [wire: Wire, next: (answer: Given) => object])[] = [
  [
    openaiWire,
    ({ choices: [choice] }) => ({
      messages: [question, choice?.message, { role: 'tool', tool_call_id: 'call_1', content: 'ok' }],
    }),
  ],
  [
    anthropicWire,
    ({ content }) => ({
      max_tokens: 9,
      messages: [question, { role: 'assistant', content }, { role: 'user', content: [result('call_1')] }],
    }),
  ],
  [
    responsesWire,
    ({ output }) => ({
      input: [question, ...output, { type: 'function_call_output', call_id: 'call_1', output: 'ok' }],
    }),
  ],
];

const call = (seal: Seal): AnswerContent => ({ type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}', seal });

/** The request that follows an answer with this content. @param damage What became of it at the client. */
const broughtBack = (
  [client, next]: (typeof histories)[number],
  content: readonly AnswerContent[],
  asked: AnswerFrame = frame,
  damage: (body: string) => string = (body) => body,
): GenerateRequest => {
  const finish = { reason: 'tool-calls', native: 'STOP', stopSequence: null } as const;
  const given = client.codec.encodeAnswer({ id: 'a', model: 'm', content, finish, usage: null }, asked);
  const body = { model: 'm', ...next(JSON.parse(Buffer.from(given).toString())) };
  const decoded = client.codec.decodeRequest(utf8Bytes(damage(JSON.stringify(body))));
  if (!decoded.ok) throw new Error(decoded.fault.message);
  return decoded.value;
};

/** Kind of content, wire, value, and id where there is one. */
const sealsIn = ({ messages }: GenerateRequest): readonly (readonly string[])[] =>
  messages.flatMap(({ role, content }) =>
    role !== 'assistant'
      ? []
      : content.flatMap((part) => {
          const seal = 'seal' in part ? part.seal : null;
          if (seal === null || seal === undefined) return [];
          return [[part.type, seal.wire, seal.value, ...(seal.id === undefined ? [] : [seal.id])]];
        }),
  );

const values = fc.string({
  unit: fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
  minLength: 1,
});

const sealing = ['anthropic', 'gemini', 'responses', 'bedrock', null];

describe.each(histories.map((history) => [history[0].name, history] as const))(
  'a client of the wire %s',
  (name, history) => {
    it('brings the signature of a call back as it was given, whether or not it asked for thinking', () => {
      fc.assert(
        fc.property(values, fc.boolean(), (value, showThinking) => {
          const request = broughtBack(history, [call({ wire: 'gemini', value })], { ...frame, showThinking });
          const { request: opened, dropped } = withOpenSeals(request, at);
          expect(sealsIn(opened)).toEqual([['tool-call', 'gemini', value]]);
          expect(dropped).toEqual([]);
        }),
      );
    });

    it('brings thinking back with its seal and the id that its vendor wants with it', () => {
      fc.assert(
        fc.property(values, values, (one, two) => {
          const seals = [
            { wire: 'responses', value: one, id: 'rs_1' },
            { wire: 'responses', value: two, id: 'rs_2' },
          ] as const;
          const content: AnswerContent[] = [
            { type: 'thinking', text: 'so', seal: seals[0] },
            { type: 'redacted-thinking', seal: seals[1] },
            { type: 'text', text: 'yes' },
          ];
          const request = broughtBack(history, [
            ...content,
            { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}' },
          ]);
          // Within the account, whatever the model.
          const { request: opened, dropped } = withOpenSeals(request, { ...at, model: 'other' });
          expect(sealsIn(opened)).toEqual([
            ['thinking', 'responses', one, 'rs_1'],
            ['redacted-thinking', 'responses', two, 'rs_2'],
          ]);
          expect(dropped).toEqual([]);
        }),
      );
    });

    it('has nothing of it sent to another account or model, and is told', () => {
      fc.assert(
        fc.property(values, values, (one, two) => {
          const content: AnswerContent[] = [
            { type: 'thinking', text: 'so', seal: { wire: 'gemini', value: one } },
            { type: 'redacted-thinking', seal: { wire: 'responses', value: two } },
            { type: 'text', text: 'yes' },
            call({ wire: 'gemini', value: one }),
          ];
          const { request, dropped } = withOpenSeals(broughtBack(history, content), elsewhere);
          expect(sealsIn(request)).toEqual([]);
          expect(dropped).toEqual(['thinking', 'thought_signature']);
          const said = request.messages.find(({ role }) => role === 'assistant')?.content;
          expect(said?.map(({ type }) => type)).toEqual(['text', 'tool-call']);
        }),
      );
    });

    it('has nothing sent that it has changed, and nothing breaks', () => {
      const seal = { wire: 'gemini', value: 'AbCdEfGhIjKlMnOpQrStUvWxYz' };
      fc.assert(
        fc.property(fc.nat(seal.value.length - 1), fc.constantFrom('', '_', 'AA', '%', ':'), (place, put) => {
          const changed = seal.value.slice(0, place) + put + seal.value.slice(place + 1);
          const damage = (body: string): string => body.replaceAll(seal.value, changed);
          const { request, dropped } = withOpenSeals(broughtBack(history, [call(seal)], frame, damage), at);
          expect(sealsIn(request)).toEqual([]);
          expect(dropped).toEqual(['thought_signature']);
        }),
      );
    });

    it.each([anthropicWire, responsesWire])('has nothing of other vendors written for targets of $name', (wire) => {
      fc.assert(
        fc.property(fc.constantFrom(...sealing), values, (sealedBy, value) => {
          const content: AnswerContent[] = [
            { type: 'thinking', text: 'so', seal: sealedBy === null ? null : { wire: sealedBy, value } },
            { type: 'text', text: 'yes' },
            { type: 'tool-call', id: 'call_1', name: 'f', arguments: '{}' },
          ];
          const written = wire.codec.encodeRequest(broughtBack(history, content), thinker);
          if (!written.ok) throw new Error(written.fault.message);
          const { body } = written.value;
          const read = wire.readRequest(body, 'generate');
          if (!read.ok) throw new Error(read.fault.message);
          // It is looked for in what clients send, and would be found here.
          expect(wire.editRequest(body, read.value, { model: 'm', askUsage: false })).toEqual({ body, named: [] });
        }),
      );
    });

    it('brings seals back that were given to it unmarked, before there were marks', () => {
      const unmark = (body: string): string =>
        body.replaceAll(/@[A-Za-z0-9]{12}:/g, ':').replaceAll(/,"archipel":\{"mark":"[A-Za-z0-9]{12}"\}/g, '');
      const seal = { wire: 'gemini', value: 'sig+/=' };
      const request = broughtBack(
        history,
        [{ type: 'thinking', text: 'so', seal: { wire: 'gemini', value: 't' } }, call(seal)],
        frame,
        unmark,
      );
      // The detail of a chat has its mark where an id stands: it is left there.
      const { request: opened } = withOpenSeals(request, name === 'openai' ? at : elsewhere);
      expect(sealsIn(opened)).toEqual([
        ['thinking', 'gemini', 't'],
        ['tool-call', 'gemini', 'sig+/='],
      ]);
    });
  },
);
