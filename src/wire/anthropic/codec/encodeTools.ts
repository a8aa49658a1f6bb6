import type { GenerateRequest, Tool } from '../../../vocabulary/index.ts';
import { checkOffered } from '../../codec/checkOffered.ts';
import { checkToolName } from '../../codec/checkToolName.ts';
import { callsIn } from '../../codec/pairCalls.ts';
import { parametersOfTool } from '../../codec/parametersOfTool.ts';
import type { Turn } from '../../codec/pairedTurns.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { adaptSchema } from './adaptSchema.ts';
import { withCacheMark } from './cacheMarkOf.ts';

/** "String should match pattern '^[a-zA-Z0-9_-]{1,128}$'" */
export const toolNameLengthMax = 128;

/** Writes tools and how they may be used. */
export const encodeTools = (request: GenerateRequest, turns: readonly Turn[], notes: WritingNotes): JsonObject => {
  if (request.tools.length === 0) return formerTools(turns, notes);
  const choice = encodeChoice(request, notes);
  return {
    tools: request.tools.map((tool) => encodeTool(tool, notes)),
    ...(choice === null ? {} : { tool_choice: choice }),
  };
};

const encodeTool = (tool: Tool, notes: WritingNotes): JsonObject => {
  const { name, description } = tool;
  checkToolName(name, toolNameLengthMax, 'tools', notes);
  const schema = parametersOfTool(tool, notes);
  const strict = strictOf(tool, notes);
  return withCacheMark(
    {
      name,
      ...(description === null || description === '' ? {} : { description }),
      input_schema: strict ? adaptSchema(schema).schema : schema,
      ...(strict ? { strict } : {}),
    },
    tool.cache,
  );
};

/** The vendor enforces closed objects only; where arguments may have members of any name, holding to the schema is the model's own care. */
const strictOf = ({ strict, parameters }: Tool, notes: WritingNotes): boolean => {
  if (strict !== true) return false;
  const fits = !notes.lacks('strict') && !adaptSchema(parameters).isOpen;
  if (!fits) notes.drop('strict');
  return fits;
};

/**
 * Calls in the conversation need tools ("Requests which include `tool_use` or `tool_result` blocks must define tools"), also where the caller offers none
 * any more: they are named and forbidden.
 */
const formerTools = (turns: readonly Turn[], notes: WritingNotes): JsonObject => {
  const names = new Set(turns.flatMap(({ content }) => callsIn(content).map((call) => call.name)));
  if (names.size === 0) return {};
  for (const name of names) checkToolName(name, toolNameLengthMax, 'messages', notes);
  const tools = [...names].map((name) => ({ name, input_schema: { type: 'object', properties: {} } }));
  return { tools, tool_choice: { type: 'none' } };
};

/** `disable_parallel_tool_use` goes with every choice but `none`. */
const encodeChoice = (request: GenerateRequest, notes: WritingNotes): JsonObject | null => {
  const serial = request.parallelToolCalls === false ? { disable_parallel_tool_use: true } : {};
  switch (request.toolChoice?.type) {
    case undefined:
      return request.parallelToolCalls === false ? { type: 'auto', ...serial } : null;
    case 'none':
      return { type: 'none' };
    case 'auto':
      return { type: 'auto', ...serial };
    case 'required':
      return { type: 'any', ...serial };
    case 'named':
      checkOffered(request, request.toolChoice.name, notes);
      return { type: 'tool', name: request.toolChoice.name, ...serial };
  }
};
