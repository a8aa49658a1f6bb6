import type { GenerateRequest, ToolChoice } from '../../../vocabulary/index.ts';
import { checkOffered } from '../../codec/checkOffered.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { functionMembers, strictOf } from '../../openai/codec/encodeTools.ts';

/**
 * Writes tools and how they may be used; without tools, nothing of it: OpenAI refuses a choice among none. Here functions are strict unless they are told
 * not to be, which is no other wire's way: so it is always said.
 */
export const encodeTools = (request: GenerateRequest, notes: WritingNotes): JsonObject => {
  if (request.tools.length === 0) return {};
  if (request.toolChoice?.type === 'named') checkOffered(request, request.toolChoice.name, notes);
  return {
    tools: request.tools.map((tool, index) => ({
      type: 'function',
      ...functionMembers(tool, index, notes),
      strict: strictOf(tool, notes),
    })),
    ...(request.toolChoice === null ? {} : { tool_choice: encodeChoice(request.toolChoice) }),
    ...(request.parallelToolCalls === null ? {} : { parallel_tool_calls: request.parallelToolCalls }),
  };
};

const encodeChoice = (choice: ToolChoice): unknown =>
  choice.type === 'named' ? { type: 'function', name: choice.name } : choice.type;
