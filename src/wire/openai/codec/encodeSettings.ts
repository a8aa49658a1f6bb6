import { createHash } from 'node:crypto';

import type { GenerateRequest, OutputFormat, Reasoning } from '../../../vocabulary/index.ts';
import type { CodecTarget } from '../../codec.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { fitsStrictMode } from './fitsStrictMode.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** Most sequences that OpenAI stops at. One less would let the answer run on, so more are not sent at all. */
const stopSequencesMax = 4;

/** Writes what bounds and tunes the answer. */
export const encodeSettings = (request: GenerateRequest, target: CodecTarget, notes: WritingNotes): JsonObject => {
  if (request.topK !== null) notes.drop('top_k');
  return {
    ...encodeBound(request, target, notes),
    ...(request.temperature === null ? {} : { temperature: request.temperature }),
    ...(request.topP === null ? {} : { top_p: request.topP }),
    ...encodeStop(request.stopSequences, notes),
    ...encodeFormat(request.outputFormat, notes),
    ...encodeReasoning(request.reasoning, target, notes),
    ...(request.endUser === null ? {} : { user: opaqueName(request.endUser) }),
  };
};

/** A model that cannot say as much cuts the answer there anyway, and says so; a larger bound would be refused. */
const encodeBound = ({ outputTokensMax }: GenerateRequest, target: CodecTarget, notes: WritingNotes): JsonObject => {
  if (outputTokensMax === null) return {};
  const bound = Math.min(outputTokensMax, target.outputTokensMax ?? outputTokensMax);
  if (bound < outputTokensMax) notes.drop('max_tokens');
  return { max_completion_tokens: bound };
};

const encodeStop = (sequences: readonly string[], notes: WritingNotes): JsonObject => {
  if (sequences.length === 0) return {};
  if (sequences.length <= stopSequencesMax) return { stop: sequences };
  const message = `This target stops at ${stopSequencesMax} sequences at most; the request has ${sequences.length}`;
  return notes.refuse('stop_sequences', message, {});
};

const encodeFormat = (format: OutputFormat, notes: WritingNotes): JsonObject => {
  if (format.type === 'text') return {};
  if (format.type === 'json-object') return { response_format: { type: 'json_object' } };
  const fits = fitsStrictMode(format.schema);
  if (format.strict === true && !fits) notes.drop('strict');
  const schema = {
    name: schemaName(format.name),
    ...(format.description === null ? {} : { description: format.description }),
    schema: format.schema,
    strict: format.strict !== false && fits,
  };
  return { response_format: { type: 'json_schema', json_schema: schema } };
};

/** A label that the vendor requires: 64 letters, digits, "_" and "-". */
const schemaName = (name: string | null): string => {
  const fitting = (name ?? '').replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 64);
  return fitting === '' ? 'output' : fitting;
};

/** Most tokens of thinking that count as little, and as a fair amount: about what OpenAI's models spend at these efforts. */
const lowBudgetTokensMax = 4_096;
const mediumBudgetTokensMax = 16_384;

const encodeReasoning = (reasoning: Reasoning | null, target: CodecTarget, notes: WritingNotes): JsonObject => {
  if (reasoning === null || (reasoning.mode === 'off' && !target.reasoning)) return {};
  if (!target.reasoning) {
    notes.drop('reasoning');
    return {};
  }
  if (reasoning.budgetTokens !== null && reasoning.effort === null) notes.drop('reasoning');
  const effort = effortOf(reasoning);
  return effort === null ? {} : { reasoning_effort: effort };
};

/** Null leaves it to the model, which is what "adaptive" asks for. */
const effortOf = ({ mode, effort, budgetTokens }: Reasoning): string | null => {
  if (mode === 'off') return 'none';
  if (effort !== null) return effort;
  if (budgetTokens === null) return mode === 'adaptive' ? null : 'medium';
  if (budgetTokens <= lowBudgetTokensMax) return 'low';
  return budgetTokens <= mediumBudgetTokensMax ? 'medium' : 'high';
};

/** OpenAI takes 64 characters. A longer name keeps its meaning, being opaque, as its hash. */
const opaqueName = (name: string): string =>
  name.length <= 64 ? name : createHash('sha256').update(name).digest('hex');
