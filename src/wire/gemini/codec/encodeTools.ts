import type { GenerateRequest, Tool, ToolChoice } from '../../../vocabulary/index.ts';
import { checkOffered } from '../../codec/checkOffered.ts';
import { parametersOfTool } from '../../codec/parametersOfTool.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { checkFunctionName } from './checkFunctionName.ts';
import { encodeSchema } from './encodeSchema.ts';

/** Writes tools and how they may be used; without tools, nothing of it. */
export const encodeTools = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.tools.length === 0) return {};
  // The model makes several calls as it sees fit.
  if (request.parallelToolCalls === false && request.toolChoice?.type !== 'none') notes.drop('parallel_tool_calls');
  return {
    tools: [{ functionDeclarations: request.tools.map((tool) => encodeTool(tool, notes)) }],
    ...encodeChoice(request, request.toolChoice, notes),
  };
};

const encodeTool = (tool: Tool, notes: WritingNotes): JsonObject => {
  const { name, description, strict, cache } = tool;
  checkFunctionName(name, 'tools', notes);
  if (cache !== undefined) notes.drop('cache_control');
  if (strict === true) notes.drop('strict');
  return {
    name,
    ...(description === null || description === '' ? {} : { description }),
    ...encodeParameters(tool, notes),
  };
};

/** The whole of JSON Schema where the target takes it, else the vendor's own subset. */
const encodeParameters = (tool: Tool, notes: WritingNotes): JsonObject => {
  const { $schema: _schema, type, properties = {}, ...rest } = parametersOfTool(tool, notes);
  const schema = { type, properties, ...rest };
  return notes.lacks('parametersJsonSchema') ? { parameters: encodeSchema(schema) } : { parametersJsonSchema: schema };
};

const encodeChoice = (request: GenerateRequest, choice: ToolChoice | null, notes: WritingNotes): JsonObject => {
  if (choice === null) return {};
  if (choice.type === 'named') checkOffered(request, choice.name, notes);
  const config = choice.type === 'named' ? { mode: 'ANY', allowedFunctionNames: [choice.name] } : modes[choice.type];
  return { toolConfig: { functionCallingConfig: config } };
};

const modes: Readonly<Record<Exclude<ToolChoice['type'], 'named'>, JsonObject>> = {
  auto: { mode: 'AUTO' },
  none: { mode: 'NONE' },
  required: { mode: 'ANY' },
};
