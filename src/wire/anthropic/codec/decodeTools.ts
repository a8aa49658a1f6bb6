import type { Tool, ToolChoice } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { cacheOf } from './decodeBlocks.ts';
import type { RequestReading } from './RequestReading.ts';

const toolMembers = new Set([
  'type',
  'name',
  'description',
  'input_schema',
  'cache_control',
  'strict',
  'defer_loading',
  'eager_input_streaming',
  'input_examples',
  'allowed_callers',
]);

/** The client's own tools. Those with a type of the vendor's (search, code, computers, editors) have schemas that only its models know. */
export const decodeTools = (reading: RequestReading, body: JsonObject): readonly Tool[] =>
  reading.objects(body, 'tools', '').flatMap(([tool, path]) => {
    const type = reading.optionalText(tool, 'type', path) ?? 'custom';
    if (type === 'custom') return [decodeTool(reading, tool, path)];
    reading.native(`tools.${type}`);
    return [];
  });

const decodeTool = (reading: RequestReading, tool: JsonObject, path: string): Tool => {
  reading.unknownMembers(tool, toolMembers, 'tools');
  noteTuning(reading, tool, path);
  return {
    name: reading.text(tool, 'name', path),
    description: reading.optionalText(tool, 'description', path),
    parameters:
      reading.object(tool, 'input_schema', path) ?? reading.refuse(`${path}.input_schema`, 'a JSON Schema object', {}),
    strict: reading.flag(tool, 'strict', path),
    ...cacheOf(reading, tool, path),
  };
};

/** When a tool's definition is loaded, how its arguments are streamed, and examples beside the schema do not change what it is. */
const noteTuning = (reading: RequestReading, tool: JsonObject, path: string): void => {
  if (reading.flag(tool, 'defer_loading', path) === true) reading.hint('tools.defer_loading');
  if (reading.flag(tool, 'eager_input_streaming', path) === true) reading.hint('tools.eager_input_streaming');
  if (reading.list(tool, 'input_examples', path).length > 0) reading.hint('tools.input_examples');
  const callers = reading.list(tool, 'allowed_callers', path);
  if (callers.length === 0) return;
  // A tool that the model itself may not call can be called by the vendor's code only.
  if (callers.includes('direct')) reading.hint('tools.allowed_callers');
  else reading.native('tools.allowed_callers');
};

const choiceMembers = new Set(['type', 'name', 'disable_parallel_tool_use']);

export interface DecodedChoice {
  readonly toolChoice: ToolChoice | null;
  readonly parallelToolCalls: boolean | null;
}

export const decodeToolChoice = (reading: RequestReading, body: JsonObject): DecodedChoice => {
  const choice = reading.object(body, 'tool_choice', '');
  if (choice === null) return { toolChoice: null, parallelToolCalls: null };
  reading.unknownMembers(choice, choiceMembers, 'tool_choice');
  const serial = reading.flag(choice, 'disable_parallel_tool_use', 'tool_choice');
  return { toolChoice: choiceOf(reading, choice), parallelToolCalls: serial === null ? null : !serial };
};

const choiceOf = (reading: RequestReading, choice: JsonObject): ToolChoice | null => {
  switch (choice['type']) {
    case 'auto':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'named', name: reading.text(choice, 'name', 'tool_choice') };
    default:
      return reading.refuse('tool_choice.type', '"auto", "any", "tool" or "none"', null);
  }
};
