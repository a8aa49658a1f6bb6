import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { isJsonObject } from '../../json/JsonObject.ts';
import { scanTopLevel } from '../../json/scanTopLevel.ts';
import { fixtureBytes, fixtureJson } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { withoutThinking, type SignedMessages } from './withoutThinking.ts';

const signed = (bytes: Uint8Array, which: 'all' | 'foreign' = 'foreign'): SignedMessages | null => {
  const members = scanTopLevel(bytes);
  if (!members.ok) throw new Error(members.fault.message);
  return withoutThinking(bytes, members.value, which);
};
const signedOf = (body: object): SignedMessages | null => signed(utf8Bytes(JSON.stringify(body)));
const messagesOf = (body: object): unknown => {
  const result = signedOf(body);
  return result === null ? null : JSON.parse(result.messages);
};

const question = { role: 'user', content: 'hi' };
const unsigned = { type: 'thinking', thinking: 'from another', signature: '' };
const own = { type: 'thinking', thinking: 'own', signature: 'sig' };
const text = { type: 'text', text: 'Hello' };
const call = { type: 'tool_use', id: 't', name: 'f', input: {} };
const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't', content: 'a' }] };
const answered = (...content: object[]) => ({ messages: [question, { role: 'assistant', content }, question] });

describe('withoutThinking', () => {
  it('takes thinking of a vendor who does not sign out of a history, and nothing else (case 19)', () => {
    const taken = signed(fixtureBytes('cases/19-signature-delta-lost.request2-unsigned.json'));
    const sent = fixtureJson('cases/19-signature-delta-lost.request2-unsigned.json');
    const messages = isJsonObject(sent) && Array.isArray(sent['messages']) ? sent['messages'] : [];
    expect(JSON.parse(taken?.messages ?? '')).toEqual([
      messages[0],
      { role: 'assistant', content: [{ type: 'text', text: 'Hello' }] },
      messages[2],
    ]);
    expect(taken?.dropsThinking).toBe(false);
  });

  it('leaves signed and redacted thinking untouched (case 19)', () => {
    expect(signed(fixtureBytes('cases/19-signature-delta-lost.request2.json'))).toBeNull();
  });

  it.each([
    ['empty', unsigned],
    ['missing', { type: 'thinking', thinking: 'x' }],
    ['null', { type: 'thinking', thinking: 'x', signature: null }],
  ])('takes a signature that is %s for none', (_, block) => {
    expect(messagesOf(answered(own, block, text))).toEqual(answered(own, text).messages);
  });

  it('finds a missing signature beside words that look like one', () => {
    const talk = { type: 'text', text: '"signature":"x"' };
    const elsewhere = { ...call, input: { signature: 'x', more: { signature: 'y' } } };
    expect(messagesOf(answered({ type: 'thinking', thinking: 'x' }, talk, elsewhere))).toEqual(
      answered(talk, elsewhere).messages,
    );
  });

  it('counts nothing: a signature elsewhere stands for none that is missing', () => {
    const talk = { ...call, input: { signature: 'x' } };
    const other = { type: 'thinking', thinking: 'x' };
    expect(messagesOf(answered(other, talk))).toEqual(answered(talk).messages);
    expect(messagesOf(answered(own, { ...call, input: { type: 'thinking' } }, other))).toEqual(
      answered(own, { ...call, input: { type: 'thinking' } }).messages,
    );
  });

  it.each([
    ['before its type', { signature: 'sig', thinking: 'x', type: 'thinking' }],
    ['after something that is no text', { type: 'thinking', thinking: 'x', more: [1], signature: 'sig' }],
    ['after a text full of quotes', { type: 'thinking', thinking: '"\\"}\\\\', signature: 'sig' }],
  ])('finds a signature that stands %s', (_, block) => {
    expect(signedOf(answered(block, text))).toBeNull();
  });

  it.each([
    ['thinking', { type: 'thinking', thinking: 'x', signature: 'archipel:gemini@AAAAAAAAAAAA:sig' }],
    ['thinking with nothing to see', { type: 'redacted_thinking', data: 'archipel:gemini:sig' }],
    ['a damaged seal', { type: 'redacted_thinking', data: 'archipel:' }],
  ])('takes %s out that a vendor of another wire has sealed', (_, block) => {
    const redacted = { type: 'redacted_thinking', data: 'own' };
    expect(messagesOf(answered(own, block, redacted, text))).toEqual(answered(own, redacted, text).messages);
    const talk = { type: 'text', text: '{"data":"archipel:gemini:sig"}' };
    expect(signedOf(answered(own, talk))).toBeNull();
  });

  it('takes all of it out where that is asked for', () => {
    const body = { thinking: { type: 'enabled' }, ...answered(own, { type: 'redacted_thinking', data: 'own' }, call) };
    const taken = signed(
      utf8Bytes(JSON.stringify({ ...body, messages: [...body.messages.slice(0, 2), result] })),
      'all',
    );
    expect(JSON.parse(taken?.messages ?? '')).toEqual([question, { role: 'assistant', content: [call] }, result]);
    expect(taken?.dropsThinking).toBe(true);
    expect(signed(utf8Bytes(JSON.stringify(answered(text))), 'all')).toBeNull();
  });

  it('looks behind letters that are written as escapes', () => {
    const hidden = JSON.stringify(answered(unsigned, text)).replace(
      '"type":"thinking"',
      '"typ\\u0065":"thin\\u006bing"',
    );
    expect(signed(utf8Bytes(hidden))).not.toBeNull();
  });

  it('says of any history what parsing it says', () => {
    const name = fc.constantFrom('type', 'thinking', 'signature', 'input', 'other');
    const words = fc.constantFrom('', 'thinking', 'sig', '"', '\\', '\\"}', '{"type":"thinking"}', 'é\u2028');
    const value = fc.oneof(words, fc.constantFrom(null, 1, [], {}), fc.dictionary(name, words));
    const block = fc.oneof(
      fc.dictionary(name, value),
      fc.record({ type: fc.constant('thinking'), thinking: words, signature: words }, { requiredKeys: ['type'] }),
      fc.record({ signature: words, type: fc.constant('thinking') }, { requiredKeys: ['type'] }),
    );
    fc.assert(
      fc.property(fc.array(block, { maxLength: 4 }), fc.constantFrom(undefined, 1), (blocks, indent) => {
        const body = answered(...blocks);
        const left = blocks.filter(
          (one) => one.type !== 'thinking' || typeof one.signature !== 'string' || one.signature === '',
        );
        const unsignedOnes = left.filter((one) => one.type === 'thinking');
        const found = signed(utf8Bytes(JSON.stringify(body, null, indent)));
        expect(found === null).toBe(unsignedOnes.length === 0);
        if (found === null) return;
        const kept = blocks.filter((one) => !unsignedOnes.includes(one));
        expect(JSON.parse(found.messages)).toEqual(
          kept.length === 0
            ? [question, question]
            : answered(...kept).messages.map((one) => JSON.parse(JSON.stringify(one))),
        );
      }),
      { numRuns: 1_000 },
    );
  });

  it('drops a message of which nothing is left', () => {
    expect(messagesOf(answered(unsigned))).toEqual([question, question]);
  });

  it('finds it in a body that is written with blanks', () => {
    const body = utf8Bytes(JSON.stringify(answered(unsigned, text), null, 2).replaceAll('": ', '" : '));
    expect(signed(body)).not.toBeNull();
  });

  it.each<[string, object]>([
    ['no thinking', answered(text)],
    ['thinking in a text', answered({ type: 'text', text: '{"type":"thinking","signature":""}' })],
    ['thinking of the user’s making', { messages: [{ role: 'user', content: [unsigned] }] }],
    ['thinking in a tool’s input', answered({ ...call, input: unsigned })],
    ['a text for content', { messages: [{ role: 'assistant', content: '"thinking"' }] }],
    ['no messages', { thinking: { type: 'thinking' } }],
    ['messages that are no list', { messages: unsigned }],
  ])('has nothing to do where there is %s', (_, body) => {
    expect(signedOf(body)).toBeNull();
  });

  it('tells that thinking cannot stay on where calls have lost the thinking before them', () => {
    const body = (thinking: object, ...content: object[]) => ({
      thinking,
      messages: [question, { role: 'assistant', content }, result],
    });
    const enabled = { type: 'enabled', budget_tokens: 1024 };
    expect(signedOf(body(enabled, unsigned, call))?.dropsThinking).toBe(true);
    expect(signedOf(body(enabled, own, unsigned, call))?.dropsThinking).toBe(false);
    expect(signedOf(body({ type: 'adaptive' }, unsigned, call))?.dropsThinking).toBe(false);
    expect(signedOf(body(enabled, unsigned, text))?.dropsThinking).toBe(false);
  });
});
