import type { JsonObject } from '../json/JsonObject.ts';

/** How a model is asked for an answer of a form that its vendor cannot hold it to. @param schema Of the answer; null: any JSON object. */
export const formInWords = (schema: JsonObject | null): string => {
  const form = 'Answer with one JSON object and nothing else: no words before or after it, and no code fence.';
  const rule = schema === null ? '' : ` It must be valid against this JSON Schema:\n${JSON.stringify(schema)}`;
  return `${form}${rule}`;
};
