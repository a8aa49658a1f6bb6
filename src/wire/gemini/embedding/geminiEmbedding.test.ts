import { describe, expect, it } from 'vitest';
import { writtenFor } from '../../codec/embeddings.fixture.ts';
import { recordedAnswer } from '../../recordings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { geminiEmbedding } from './geminiEmbedding.ts';

const written = (changes: object = {}, model = 'gemini-embedding-001') => {
  const sent = writtenFor(geminiEmbedding, model, { texts: ['tide', 'wave'], ...changes });
  return 'body' in sent ? sent.body : sent;
};

const read = (answer: object) => geminiEmbedding.decodeAnswer(utf8Bytes(JSON.stringify(answer)), {});

describe('a request for vectors', () => {
  it('is one for each text, with what is asked of all', () => {
    const model = 'models/gemini-embedding-001';
    expect(written()).toEqual({
      requests: [
        { model, content: { parts: [{ text: 'tide' }] } },
        { model, content: { parts: [{ text: 'wave' }] } },
      ],
    });
    expect(written({ texts: ['tide'], dimensions: 256, purpose: 'search-query' }, 'tunedModels/t')).toEqual({
      requests: [
        {
          model: 'tunedModels/t',
          outputDimensionality: 256,
          taskType: 'RETRIEVAL_QUERY',
          content: { parts: [{ text: 'tide' }] },
        },
      ],
    });
  });

  it('has no more texts than one call takes', () => {
    expect(written({ texts: Array.from({ length: 101 }, String) })).toMatchObject({
      code: 'unsupported_feature',
      parameter: 'input',
    });
  });
});

describe('an answer with vectors', () => {
  it('is as it was recorded; that no tokens are told is told', () => {
    const { body } = recordedAnswer('recordings/google/embeddings.json');
    const answer = geminiEmbedding.decodeAnswer(body, {});
    if (!answer.ok) throw new Error(answer.fault.message);
    const { vectors, usage } = answer.value;
    expect([vectors.length, vectors[0]?.length, vectors[0]?.[0], usage]).toEqual([1, 3072, -0.022495363, null]);
  });

  it('has the count where there is one', () => {
    const answer = { embeddings: [{ values: [1] }], usageMetadata: { promptTokenCount: 5, totalTokenCount: 5 } };
    expect(read(answer)).toMatchObject({ ok: true, value: { usage: { input: 5, requests: 1 } } });
  });

  it('is none without vectors, and a refusal where it says so', () => {
    for (const embeddings of [undefined, [], [{}], [{ values: ['x'] }]])
      expect(read({ embeddings })).toMatchObject({ ok: false, fault: { cause: 'not_an_answer' } });
    const error = { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' };
    expect(read({ error })).toMatchObject({ ok: false, fault: { class: 'quota', cause: 'overloaded' } });
    expect(geminiEmbedding.decodeAnswer(utf8Bytes('<html>'), {})).toMatchObject({
      fault: { cause: 'undecodable_answer' },
    });
  });
});
