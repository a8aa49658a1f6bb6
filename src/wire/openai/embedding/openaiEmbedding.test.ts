import { describe, expect, it } from 'vitest';
import type { Embeddings } from '../../../vocabulary/index.ts';
import { utf8Bytes, utf8Text } from '../../utf8.ts';
import { openaiEmbedding } from './openaiEmbedding.ts';

const decoded = (members: object) =>
  openaiEmbedding.decodeRequest(utf8Bytes(JSON.stringify({ model: 'm', input: 'tide', ...members })));

const request = (members: object = {}) => {
  const read = decoded(members);
  if (!read.ok) throw new Error(read.fault.message);
  return read.value;
};

const answered = (answer: Partial<Embeddings>, encoding: 'float' | 'base64' = 'float') =>
  JSON.parse(
    utf8Text(
      openaiEmbedding.encodeAnswer(
        { model: '', vectors: [], usage: null, ...answer },
        { model: 'logical', encoding },
        { inputEstimateTokens: 7 },
      ),
    ),
  ) as { data: { embedding: number[] | string }[] };

describe('a request for vectors', () => {
  it.each([
    ['a text', 'tide', ['tide']],
    ['a list of texts', ['tide', 'wave'], ['tide', 'wave']],
    ['a text as tokens', [1, 2, 3], null],
    ['a list of such', [[1], [2, 3]], null],
  ])('is %s', (_, input, texts) => {
    expect(request({ input }).texts).toEqual(texts);
  });

  it.each([
    ['nothing', null],
    ['an empty text', ''],
    ['an empty text among others', ['tide', '']],
    ['an empty list', []],
    ['texts and tokens', ['tide', 1]],
    ['a thing', { text: 'tide' }],
    ['more texts than are taken', Array.from({ length: 2_049 }, () => 'tide')],
  ])('is not %s', (_, input) => {
    expect(decoded({ input })).toMatchObject({ ok: false, fault: { code: 'bad_request', parameter: 'input' } });
  });

  it('says how long vectors are to be, for what, and how they are sent', () => {
    expect(request()).toMatchObject({ dimensions: null, purpose: null, encoding: 'float', hints: [], natives: [] });
    const said = { dimensions: 256, encoding_format: 'base64', input_type: 'search_query', user: 'u' };
    expect(request(said)).toMatchObject({
      dimensions: 256,
      purpose: 'search-query',
      encoding: 'base64',
      hints: ['user'],
      natives: [],
    });
    expect(decoded({ dimensions: 0 })).toMatchObject({ fault: { parameter: 'dimensions' } });
    expect(decoded({ encoding_format: 'ubinary' })).toMatchObject({ fault: { parameter: 'encoding_format' } });
  });

  it('keeps to its own wire where it says what nobody knows', () => {
    expect(request({ truncate: 'START', input_type: 'constructor' }).natives).toEqual(['input_type', 'truncate']);
  });
});

describe('an answer with vectors', () => {
  const usage = { input: 4, requests: 1 };

  it('has them in their order, and what the vendor counted', () => {
    expect(
      answered({
        model: 'made',
        vectors: [
          [1, 0],
          [0, -1],
        ],
        usage,
      }),
    ).toEqual({
      object: 'list',
      data: [
        { object: 'embedding', index: 0, embedding: [1, 0] },
        { object: 'embedding', index: 1, embedding: [0, -1] },
      ],
      model: 'made',
      usage: { prompt_tokens: 4, total_tokens: 4 },
    });
  });

  it('says the model that was asked for, and the estimate, where the vendor told neither', () => {
    expect(answered({ vectors: [[1]] })).toMatchObject({ model: 'logical', usage: { prompt_tokens: 7 } });
  });

  it('has vectors of length 1, as the clients of this wire know them; what is so already stays as it came', () => {
    expect(
      answered({
        vectors: [
          [3, -4],
          [0.6, 0.8000001],
          [0, 0],
        ],
      }).data.map(({ embedding }) => embedding),
    ).toEqual([
      [0.6, -0.8],
      [0.6, 0.8000001],
      [0, 0],
    ]);
  });

  it('has little-endian floats where base64 is asked for', () => {
    const [one] = answered({ vectors: [[0.6, -0.8]] }, 'base64').data;
    const bytes = Buffer.from(String(one?.embedding), 'base64');
    expect([bytes.length, bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([
      8,
      Math.fround(0.6),
      Math.fround(-0.8),
    ]);
  });
});
