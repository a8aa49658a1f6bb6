import type { GenerateRequest, Tool } from '../../../vocabulary/index.ts';
import { adaptSchema } from '../../anthropic/codec/adaptSchema.ts';
import { checkOffered } from '../../codec/checkOffered.ts';
import { checkToolName } from '../../codec/checkToolName.ts';
import { parametersOfTool } from '../../codec/parametersOfTool.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { isClaude } from '../modelTraits.ts';
import { cachePoint } from './cachePoint.ts';
import { mayCall } from './mayCall.ts';

/** `ToolSpecification.name`: "Maximum length of 64. Pattern: [a-zA-Z0-9_-]+". */
export const toolNameLengthMax = 64;

/** Writes tools and how they may be used. Where none may be called there are none: whatever was called is told in words. */
export const encodeTools = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.tools.length === 0) return {};
  if (!mayCall(request)) {
    notes.drop('tools');
    return {};
  }
  if (request.parallelToolCalls === false) notes.drop('parallel_tool_calls');
  const choice = encodeChoice(request, notes);
  return {
    toolConfig: {
      tools: request.tools.flatMap((tool) => [encodeTool(tool, notes), ...cachePoint(tool.cache, 'tools', notes)]),
      ...(choice === null ? {} : { toolChoice: choice }),
    },
  };
};

const encodeTool = (tool: Tool, notes: WritingNotes): JsonObject => {
  const { name, description } = tool;
  checkToolName(name, toolNameLengthMax, 'tools', notes);
  const schema = parametersOfTool(tool, notes);
  const strict = strictOf(tool, notes);
  return {
    toolSpec: {
      name,
      ...(description === null || description === '' ? {} : { description }),
      inputSchema: { json: strict ? adaptSchema(schema).schema : schema },
      ...(strict ? { strict } : {}),
    },
  };
};

/** Of the models behind this API, Claude is held to schemas of tools, and to closed ones only; where it is not, holding to them is the model's own care. */
const strictOf = ({ strict, parameters }: Tool, notes: WritingNotes): boolean => {
  if (strict !== true) return false;
  const fits = isClaude(notes.target.model) && !notes.lacks('strict') && !adaptSchema(parameters).isOpen;
  if (!fits) notes.drop('strict');
  return fits;
};

const encodeChoice = (request: GenerateRequest, notes: WritingNotes): JsonObject | null => {
  switch (request.toolChoice?.type) {
    case undefined:
    case 'none':
      return null;
    case 'auto':
      return { auto: {} };
    case 'required':
      return { any: {} };
    case 'named':
      checkOffered(request, request.toolChoice.name, notes);
      return { tool: { name: request.toolChoice.name } };
  }
};
