import { describe, expect, it } from 'vitest';
import { writtenFor } from '../../codec/embeddings.fixture.ts';
import { utf8Bytes } from '../../utf8.ts';
import { bedrockEmbedding } from './bedrockEmbedding.ts';

const titan = 'amazon.titan-embed-text-v2:0';
const cohere = 'cohere.embed-multilingual-v3';

const written = (model: string, changes: object = {}) => writtenFor(bedrockEmbedding, model, changes);

const read = (answer: unknown, headers = {}) =>
  bedrockEmbedding.decodeAnswer(utf8Bytes(typeof answer === 'string' ? answer : JSON.stringify(answer)), headers);

// Shapes: docs.aws.amazon.com/bedrock/latest/userguide, "Amazon Titan Text Embeddings models", "Cohere Embed v3", "Cohere Embed v4".
describe('a request for vectors', () => {
  it.each<[string, string, object, object]>([
    ['Titan', titan, {}, { inputText: 'tide', normalize: true }],
    ['Titan, shorter', titan, { dimensions: 256 }, { inputText: 'tide', dimensions: 256, normalize: true }],
    ['the first Titan', 'amazon.titan-embed-text-v1', {}, { inputText: 'tide' }],
    [
      'Cohere',
      cohere,
      { texts: ['tide', 'wave'] },
      { texts: ['tide', 'wave'], input_type: 'search_document', embedding_types: ['float'] },
    ],
    [
      'Cohere, for a query, by an inference profile',
      'eu.cohere.embed-v4:0',
      { purpose: 'search-query', dimensions: 512 },
      { texts: ['tide'], input_type: 'search_query', embedding_types: ['float'], output_dimension: 512 },
    ],
    [
      'Cohere by its ARN',
      `arn:aws:bedrock:eu-west-1::foundation-model/${cohere}`,
      {},
      { texts: ['tide'], input_type: 'search_document', embedding_types: ['float'] },
    ],
  ])('is said to %s in its own words', (_, model, changes, body) => {
    expect(written(model, changes)).toEqual({ body, dropped: [] });
  });

  it('tells what was left out', () => {
    expect(written(titan, { purpose: 'clustering', hints: ['user'] })).toMatchObject({
      dropped: ['input_type', 'user'],
    });
  });

  it.each<[string, string, object, string, string]>([
    ['several texts to Titan', titan, { texts: ['a', 'b'] }, 'input', 'takes one text a call'],
    ['a length to the first Titan', 'amazon.titan-embed-text-v1', { dimensions: 9 }, 'dimensions', 'one length'],
    ['a length to the third Cohere', cohere, { dimensions: 9 }, 'dimensions', 'one length'],
    ['97 texts to Cohere', cohere, { texts: Array.from({ length: 97 }, String) }, 'input', 'at most 96 texts'],
    ['anything to an unknown model', 'amazon.nova-2-multimodal-embeddings-v1:0', {}, 'model', 'words are not known'],
    ['anything to one that only sounds like it', 'notamazon.titan-embed-text-v2:0', {}, 'model', 'words are not known'],
  ])('does not say %s', (_, model, changes, parameter, words) => {
    const fault = written(model, changes);
    expect(fault).toMatchObject({ code: 'unsupported_feature', parameter });
    expect('message' in fault && fault.message).toContain(words);
  });
});

describe('an answer with vectors', () => {
  it('is Titan’s, with its count', () => {
    const answer = { embedding: [0.6, 0.8], embeddingsByType: { float: [0.6, 0.8] }, inputTextTokenCount: 3 };
    expect(read(answer)).toEqual({
      ok: true,
      value: { model: '', vectors: [[0.6, 0.8]], usage: { input: 3, requests: 1 } },
    });
  });

  it.each([
    ['by type', { embeddings: { float: [[1], [2]] }, id: 'x', response_type: 'embeddings_by_type' }],
    ['as a list', { embeddings: [[1], [2]], id: 'x', response_type: 'embeddings_floats' }],
  ])('is Cohere’s, %s, with the count of the service', (_, answer) => {
    expect(read(answer, { 'x-amzn-bedrock-input-token-count': '12' })).toEqual({
      ok: true,
      value: { model: '', vectors: [[1], [2]], usage: { input: 12, requests: 1 } },
    });
    expect(read(answer)).toMatchObject({ ok: true, value: { usage: null } });
    expect(read(answer, { 'x-amzn-bedrock-input-token-count': '-1' })).toMatchObject({
      ok: true,
      value: { usage: null },
    });
  });

  it.each([
    ['no JSON', 'tide', 'undecodable_answer'],
    ['no vectors', { output: {} }, 'not_an_answer'],
    ['none at all', { embeddings: [] }, 'not_an_answer'],
    ['an empty one', { embedding: [] }, 'not_an_answer'],
    ['a word in one', { embeddings: [[1], [1, 'x']] }, 'not_an_answer'],
    ['a number beyond all', '{"embedding":[1e999]}', 'not_an_answer'],
  ])('is none with %s', (_, answer, cause) => {
    expect(read(answer)).toMatchObject({ ok: false, fault: { class: 'protocol', cause } });
  });

  it('is a refusal where it says so', () => {
    expect(read({ __type: 'ThrottlingException', message: 'slow down' })).toMatchObject({
      ok: false,
      fault: { class: 'quota' },
    });
  });
});
