import type { GenerateRequest, Tool, ToolChoice } from '../../../vocabulary/index.ts';
import { checkOffered } from '../../codec/checkOffered.ts';
import { checkToolName } from '../../codec/checkToolName.ts';
import { withProperties } from '../../codec/withProperties.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { fitsStrictMode } from './fitsStrictMode.ts';

/** Longest name of a function that OpenAI takes. */
const toolNameLengthMax = 64;

/** Writes tools and how they may be used; without tools, nothing of it: OpenAI refuses a choice among none. */
export const encodeTools = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.tools.length === 0) return {};
  if (request.toolChoice?.type === 'named') checkOffered(request, request.toolChoice.name, notes);
  return {
    tools: request.tools.map((tool, index) => encodeTool(tool, index, notes)),
    ...(request.toolChoice === null ? {} : { tool_choice: encodeChoice(request.toolChoice) }),
    ...(request.parallelToolCalls === null ? {} : { parallel_tool_calls: request.parallelToolCalls }),
  };
};

const encodeTool = (tool: Tool, index: number, notes: WritingNotes): JsonObject => ({
  type: 'function',
  function: {
    ...functionMembers(tool, index, notes),
    ...(tool.strict === null ? {} : { strict: strictOf(tool, notes) }),
  },
});

/** What OpenAI takes of a function, on either of its wires, but for `strict`. */
export const functionMembers = (tool: Tool, index: number, notes: WritingNotes): JsonObject => {
  if (tool.cache !== undefined) notes.drop('cache_control');
  checkToolName(tool.name, toolNameLengthMax, `tools[${index}].name`, notes);
  return {
    name: tool.name,
    ...(tool.description === null ? {} : { description: tool.description }),
    parameters: withProperties(tool.parameters),
  };
};

/** Whether OpenAI may enforce the schema: only where it was asked to, and the schema is one that it can. */
export const strictOf = ({ strict, parameters }: Tool, notes: WritingNotes): boolean => {
  if (strict !== true) return false;
  const fits = fitsStrictMode(parameters);
  if (!fits) notes.drop('strict');
  return fits;
};

const encodeChoice = (choice: ToolChoice): unknown =>
  choice.type === 'named' ? { type: 'function', function: { name: choice.name } } : choice.type;
