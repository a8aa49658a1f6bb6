import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bedrockWire } from '../bedrock/bedrockWire.ts';
import { geminiWire } from '../gemini/geminiWire.ts';
import { wires } from '../matchRoute.ts';
import { openaiWire } from '../openai/openaiWire.ts';
import { utf8Bytes, utf8Text } from '../utf8.ts';
import { anthropicWire } from '../anthropic/anthropicWire.ts';
import { vertexWire } from '../vertex/vertexWire.ts';
import { embeddingPassage } from './embeddingPassage.ts';
import { canPass } from './passage.ts';

const target = {
  boundary: 'v/main/-',
  model: 'gemini-embedding-001',
  outputTokensMax: null,
  reasoning: false,
  unsupported: [],
};

const passageOf = (members: object = {}, wire = geminiWire as typeof bedrockWire) => {
  const body = utf8Bytes(JSON.stringify({ model: 'logical', input: ['tide', 'wave'], ...members }));
  const facts = openaiWire.readRequest(body, 'embed');
  const request = openaiWire.codec.embeddingClient?.decodeRequest(body);
  if (!facts.ok || request?.ok !== true) throw new Error('the request is wrong');
  return embeddingPassage({ client: openaiWire, request: request.value, facts: facts.value }, wire, target);
};

const relayed = (answer: object, members: object = {}) => {
  const passage = passageOf(members);
  if (!passage.ok) throw new Error(passage.fault.message);
  return passage.value.relayAnswer('embed', utf8Bytes(JSON.stringify(answer)), {});
};

const vectors = (...lists: readonly (readonly number[])[]) => ({ embeddings: lists.map((values) => ({ values })) });

describe('who can be asked for vectors', () => {
  it('is whoever has words for them, by clients who have', () => {
    const able = [...wires.values()].filter((wire) => canPass(openaiWire, wire, 'embed')).map(({ name }) => name);
    expect(able).toEqual(['openai', 'gemini', 'azure-openai', 'bedrock', 'vertex']);
    expect([...wires.values()].filter((wire) => canPass(anthropicWire, wire, 'embed'))).toEqual([]);
    expect(canPass(geminiWire, geminiWire, 'embed')).toBe(false);
    expect(canPass(geminiWire, vertexWire, 'embed')).toBe(false);
  });
});

describe('a request for vectors on its way to another wire', () => {
  it('is edited no more, whatever a target is known to refuse', () => {
    const passage = passageOf();
    if (!passage.ok) throw new Error(passage.fault.message);
    const { body, facts, wire, translated } = passage.value;
    expect([translated, facts.stream, facts.members]).toEqual([true, false, []]);
    const edits = { model: 'gemini-embedding-001', askUsage: false, drop: ['requests'] };
    expect(wire.editRequest(body, facts, edits)).toEqual({ body, named: [] });
    expect(() => passage.value.relayStream()).toThrow('do not come in a stream');
  });

  it.each([
    ['tokens', { input: [1, 2] }, 'input', 'Tokens in `input`'],
    ['what nobody knows', { late_chunking: true }, 'late_chunking', 'has no word for late_chunking'],
  ])('is not made of %s', (_, members, parameter, words) => {
    const passage = passageOf(members);
    expect(passage).toMatchObject({ ok: false, fault: { code: 'unsupported_feature', parameter } });
    expect(!passage.ok && passage.fault.message).toContain(words);
  });

  it('is not made to a wire without vectors', () => {
    expect(passageOf({}, anthropicWire)).toMatchObject({ ok: false, fault: { code: 'unsupported_feature' } });
  });
});

describe('an answer with vectors on its way back', () => {
  it('has one for each text, and all of one length', () => {
    const answer = relayed(vectors([1, 0], [0, 1]));
    if (!answer.ok) throw new Error(answer.fault.message);
    expect(JSON.parse(utf8Text(answer.value.body))).toMatchObject({ data: [{ index: 0 }, { index: 1 }] });
    expect(answer.value).toMatchObject({ usage: null, outputBytes: 0 });
  });

  it.each([
    ['too few', vectors([1, 0]), {}],
    ['too many', vectors([1, 0], [0, 1], [1, 1]), {}],
    ['lengths that differ', vectors([1, 0], [1]), {}],
    ['another length than was asked for', vectors([1, 0], [0, 1]), { dimensions: 3 }],
  ])('is none with %s', (_, answer, members) => {
    expect(relayed(answer, members)).toMatchObject({ ok: false, fault: { class: 'protocol', cause: 'not_an_answer' } });
  });

  it('is none with a vector that nobody makes, or with more numbers than are written', () => {
    const long = relayed(vectors(Array.from({ length: 65_537 }, () => 1)), { input: ['tide'] });
    expect(long).toMatchObject({ ok: false, fault: { class: 'protocol', cause: 'not_an_answer' } });
    const input = Array.from({ length: 100 }, () => 'tide');
    const many = (length: number) => {
      const one = Array.from({ length }, () => 0);
      return relayed(vectors(...input.map(() => one)), { input });
    };
    expect(many(40_001)).toMatchObject({ ok: false, fault: { class: 'protocol', cause: 'too_many_values' } });
    expect(many(40_000).ok).toBe(true);
  });

  it('never throws, whatever a vendor says', () => {
    const member = fc.constantFrom('embedding', 'embeddings', 'values', 'float', 'predictions', 'statistics', 'error');
    const { anything } = fc.letrec<{ anything: unknown }>((tie) => ({
      anything: fc.oneof(
        { maxDepth: 4 },
        fc.double(),
        fc.string({ maxLength: 3 }),
        fc.constant(null),
        fc.array(tie('anything'), { maxLength: 3 }),
        fc.dictionary(member, tie('anything'), { maxKeys: 3 }),
      ),
    }));
    const targets = [bedrockWire, geminiWire, vertexWire];
    fc.assert(
      fc.property(anything, (answer) => {
        for (const { codec } of targets) {
          const read = codec.embeddingTarget?.decodeAnswer(utf8Bytes(JSON.stringify(answer)), {});
          if (read?.ok === true) expect(read.value.vectors.flat().every(Number.isFinite)).toBe(true);
          else expect(read?.fault.cause).toBeTypeOf('string');
        }
      }),
    );
  });
});
