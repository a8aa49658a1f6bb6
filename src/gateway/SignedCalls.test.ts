import { expect, test } from 'vitest';

import type { AnswerContent, GenerateRequest, Seal } from '../vocabulary/index.ts';
import { SignedCalls } from './SignedCalls.ts';

const seal = (value: string): Seal => ({ wire: 'gemini', value, mark: 'm' });
const signed = (id: string, value = 's', name = 'f') => ({ id, name, seal: seal(value) });
const call = (id: string, more: { readonly name?: string; readonly seal?: Seal } = {}): AnswerContent => ({
  type: 'tool-call',
  id,
  name: 'f',
  arguments: '{}',
  ...more,
});
const conversation = (...content: AnswerContent[]): GenerateRequest => ({
  model: 'm',
  stream: false,
  messages: [{ role: 'assistant', content }],
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  outputFormat: { type: 'text' },
  outputTokensMax: null,
  temperature: null,
  topP: null,
  topK: null,
  stopSequences: [],
  reasoning: null,
  endUser: null,
  hints: [],
  natives: [],
});

test('a call that comes without its signature is given it, for those it was made for, and no other', () => {
  const calls = new SignedCalls();
  calls.keep('one', [signed('c1'), signed('c2', 't')]);
  const known = (organisation: string, ...content: AnswerContent[]) =>
    [...calls.of(organisation, conversation(...content)).values()].map(({ value }) => value);
  expect(known('one', call('c1'), call('c2'), call('c3'))).toEqual(['s', 't']);
  expect(known('one', call('c1', { seal: seal('own') }), call('c2', { name: 'g' }))).toEqual([]);
  expect(known('other', call('c1'))).toEqual([]);
});

test('calls that are known by the same id and name are given none, since nobody can tell whose is meant', () => {
  const calls = new SignedCalls();
  const known = () => [...calls.of('one', conversation(call('c1'))).values(), ...calls.newest('one').values()];
  calls.keep('one', [signed('c1')]);
  calls.keep('one', [signed('c1')]);
  calls.keep('two', [signed('c1', 'of others')]);
  expect(known().map(({ value }) => value)).toEqual(['s', 's']);
  for (let time = 0; time < 2; time += 1) {
    calls.keep('one', [signed('c1', 'later')]);
    expect(known()).toEqual([]);
  }
});

test('the newest of an owner go along where nobody has read the request yet', () => {
  const calls = new SignedCalls();
  for (let index = 0; index < 100; index += 1)
    calls.keep(index === 99 ? 'other' : 'one', [signed(`c${index}`, `s${index}`)]);
  const newest = [...calls.newest('one').values()].map(({ value }) => value);
  expect([newest.length, newest[0], newest.at(-1)]).toEqual([64, 's35', 's98']);
});

test('the oldest is forgotten where there are too many, or too many letters, and one without end is not remembered', () => {
  const calls = new SignedCalls();
  const isKnown = (id: string): boolean => calls.of('one', conversation(call(id))).size === 1;
  for (let index = 0; index <= 20_000; index += 1) calls.keep('one', [signed(`c${index}`)]);
  expect([isKnown('c0'), isKnown('c1')]).toEqual([false, true]);
  const large = 'x'.repeat(65_000);
  for (let index = 0; index < 258; index += 1) calls.keep('one', [signed(`l${index}`, large)]);
  expect([isKnown('c1'), isKnown('l0'), isKnown('l257')]).toEqual([false, true, true]);
  calls.keep('one', [signed('l258', large)]);
  expect([isKnown('l0'), isKnown('l258')]).toEqual([false, true]);
  calls.keep('one', [signed('endless', 'x'.repeat(70_000))]);
  expect(isKnown('endless')).toBe(false);
});
