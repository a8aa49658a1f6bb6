import type { GenerateRequest, Tool, ToolChoice } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { fitsStrictMode } from './fitsStrictMode.ts';
import type { WritingNotes } from './WritingNotes.ts';

/** What OpenAI takes for the name of a function. */
const namePattern = /^[a-zA-Z0-9_-]{1,64}$/;

/** Writes tools and how they may be used; without tools, nothing of it: OpenAI refuses a choice among none. */
export const encodeTools = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.tools.length === 0) return {};
  return {
    tools: request.tools.map((tool, index) => encodeTool(tool, index, notes)),
    ...(request.toolChoice === null ? {} : { tool_choice: encodeChoice(request.toolChoice) }),
    ...(request.parallelToolCalls === null ? {} : { parallel_tool_calls: request.parallelToolCalls }),
  };
};

const encodeTool = (tool: Tool, index: number, notes: WritingNotes): JsonObject => {
  if (tool.cache !== undefined) notes.drop('cache_control');
  if (!namePattern.test(tool.name)) {
    notes.refuse(
      `tools[${index}].name`,
      `This target takes no tool by the name ${JSON.stringify(tool.name)}: ${nameRule}`,
      null,
    );
  }
  return {
    type: 'function',
    function: {
      name: tool.name,
      ...(tool.description === null ? {} : { description: tool.description }),
      parameters: tool.parameters,
      ...(tool.strict === null ? {} : { strict: strictOf(tool, notes) }),
    },
  };
};

const nameRule = 'it may have 64 letters, digits, "_" and "-"';

const strictOf = ({ strict, parameters }: Tool, notes: WritingNotes): boolean => {
  if (strict !== true) return false;
  const fits = fitsStrictMode(parameters);
  if (!fits) notes.drop('strict');
  return fits;
};

const encodeChoice = (choice: ToolChoice): unknown =>
  choice.type === 'named' ? { type: 'function', function: { name: choice.name } } : choice.type;
