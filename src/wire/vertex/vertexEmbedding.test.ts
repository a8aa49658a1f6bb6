import { describe, expect, it } from 'vitest';
import { writtenFor } from '../codec/embeddings.fixture.ts';
import { utf8Bytes } from '../utf8.ts';
import { vertexEmbedding } from './vertexEmbedding.ts';
import { vertexWire } from './vertexWire.ts';

const written = (model: string, changes: object = {}) => {
  const sent = writtenFor(vertexEmbedding, model, changes);
  return 'body' in sent ? sent.body : sent;
};

const read = (answer: object) => vertexEmbedding.decodeAnswer(utf8Bytes(JSON.stringify(answer)), {});

const paths = '/publishers/google/models/';

describe('vectors on Vertex AI', () => {
  it('are asked for by prediction, many at a time', () => {
    const path = vertexWire.upstreamPath('embed', { model: 'text-embedding-005', stream: false });
    expect(path).toBe(`${paths}text-embedding-005:predict`);
    const changes = { texts: ['tide', 'wave'], dimensions: 256, purpose: 'search-document' };
    expect(written('text-embedding-005', changes)).toEqual({
      instances: [
        { content: 'tide', task_type: 'RETRIEVAL_DOCUMENT' },
        { content: 'wave', task_type: 'RETRIEVAL_DOCUMENT' },
      ],
      parameters: { autoTruncate: false, outputDimensionality: 256 },
    });
    const values = (token_count: number) => ({ embeddings: { values: [token_count], statistics: { token_count } } });
    expect(read({ predictions: [values(2), values(3)] })).toEqual({
      ok: true,
      value: { model: '', vectors: [[2], [3]], usage: { input: 5, requests: 1 } },
    });
    expect(read({ predictions: [{ embeddings: { values: [1] } }] })).toMatchObject({
      ok: true,
      value: { usage: null },
    });
  });

  it.each([
    ['gemini-embedding-001', 2, 'one text a call'],
    ['text-embedding-005', 251, '250 texts a call'],
  ])('are not asked for at once beyond what %s takes', (model, texts, words) => {
    const fault = written(model, { texts: Array.from({ length: texts }, () => 'tide') });
    expect(fault).toMatchObject({ code: 'unsupported_feature', parameter: 'input' });
    expect(JSON.stringify(fault)).toContain(words);
    expect(written(model, { texts: Array.from({ length: texts - 1 }, () => 'tide') })).toHaveProperty('instances');
  });

  it('are asked of newer models by content, one at a time', () => {
    const path = vertexWire.upstreamPath('embed', { model: 'gemini-embedding-2', stream: false });
    expect(path).toBe(`${paths}gemini-embedding-2:embedContent`);
    expect(written('gemini-embedding-2', { dimensions: 256 })).toEqual({
      content: { role: 'user', parts: [{ text: 'tide' }] },
      embedContentConfig: { autoTruncate: false, outputDimensionality: 256 },
    });
    expect(written('gemini-embedding-2', { texts: ['tide', 'wave'] })).toMatchObject({
      code: 'unsupported_feature',
      parameter: 'input',
    });
    const usageMetadata = { promptTokenCount: 3, totalTokenCount: 3 };
    expect(read({ embedding: { values: [0.5] }, usageMetadata })).toEqual({
      ok: true,
      value: { model: '', vectors: [[0.5]], usage: { input: 3, requests: 1 } },
    });
  });

  it.each([{}, { predictions: [] }, { predictions: [{}] }, { embedding: { values: ['x'] } }, { embedding: 1 }])(
    'are not in %j',
    (answer) => {
      expect(read(answer)).toMatchObject({ ok: false, fault: { class: 'protocol', cause: 'not_an_answer' } });
    },
  );

  it('are refused in the words of the vendor', () => {
    expect(read({ error: { code: 429, message: 'slow down', status: 'RESOURCE_EXHAUSTED' } })).toMatchObject({
      ok: false,
      fault: { class: 'quota' },
    });
  });
});
