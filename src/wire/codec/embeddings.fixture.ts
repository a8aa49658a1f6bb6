import { utf8Text } from '../utf8.ts';
import type { EmbeddingTarget, TextsToEmbed } from './Codec.ts';

/** One text, and nothing asked of its vector. */
const asked: TextsToEmbed = {
  model: 'logical',
  texts: ['tide'],
  dimensions: null,
  purpose: null,
  encoding: 'float',
  hints: [],
  natives: [],
};

/** What a target is sent for a request for vectors, and what of it was left out; or why it cannot be told. */
export const writtenFor = (embedding: EmbeddingTarget, model: string, changes: object = {}) => {
  const target = { boundary: 'v/main/-', model, outputTokensMax: null, reasoning: false, unsupported: [] };
  const request = embedding.encodeRequest({ ...asked, ...changes }, target);
  if (!request.ok) return request.fault;
  const { body, dropped } = request.value;
  return { body: JSON.parse(utf8Text(body)) as unknown, dropped };
};
