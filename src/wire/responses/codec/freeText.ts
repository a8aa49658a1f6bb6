import type { JsonMembers } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { isJsonObject, parseJson } from '../../json/JsonObject.ts';

// A tool that takes any text is a function with one argument for those who know functions only.

/** Schema of that argument. @param format The grammar that the text is to fit, where there is one. */
export const freeTextParameters = (format: ObjectReader | null): JsonMembers => ({
  type: 'object',
  properties: { input: { type: 'string', description: aboutInput(format) } },
  required: ['input'],
  additionalProperties: false,
});

const aboutInput = (format: ObjectReader | null): string => {
  if (format?.value('type') !== 'grammar') return 'The text that is given to the tool, as it stands.';
  const syntax = format.text('syntax') ?? '';
  return `The text that is given to the tool, as it stands. It must fit this grammar (${syntax}):\n${format.text('definition') ?? ''}`;
};

export const argumentsOfText = (input: string): string => JSON.stringify({ input });

/** The text that a model gave as this argument; whatever else it wrote stands for itself. */
export const textOfArguments = (written: string): string => {
  const value = parseJson(written);
  const input = isJsonObject(value) ? value['input'] : undefined;
  return typeof input === 'string' ? input : written;
};
