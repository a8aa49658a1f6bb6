import type { GenerateRequest, Tool, ToolChoice } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';

const membersOfTool = new Set([
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

type Tooling = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** Reads tools and how they may be used. */
export const decodeTools = (request: ObjectReader): Tooling => ({
  tools: request.objects('tools').flatMap(decodeTool),
  ...decodeChoice(request.nested('tool_choice')),
});

/** A tool of the client's own. Those with a type of the vendor's (search, code, computers, editors) have schemas that only its models know. */
const decodeTool = (tool: ObjectReader): Tool[] => {
  const type = tool.text('type') ?? 'custom';
  if (type !== 'custom') {
    tool.notes.native(`tools.${type}`);
    return [];
  }
  tool.nativeOthers(membersOfTool, 'tools');
  noteTuning(tool);
  return [
    {
      name: tool.givenText('name'),
      description: tool.text('description'),
      parameters: tool.requiredObject('input_schema'),
      strict: tool.flag('strict'),
      ...cacheMarkOf(tool),
    },
  ];
};

/** When a tool's definition is loaded, how its arguments are streamed, and examples beside the schema do not change what it is. */
const noteTuning = (tool: ObjectReader): void => {
  const { notes } = tool;
  if (tool.flag('defer_loading') === true) notes.hint('tools.defer_loading');
  if (tool.flag('eager_input_streaming') === true) notes.hint('tools.eager_input_streaming');
  if (tool.list('input_examples').length > 0) notes.hint('tools.input_examples');
  const callers = tool.texts('allowed_callers');
  if (callers.length === 0) return;
  // A tool that the model itself may not call can be called by the vendor's code only.
  if (callers.includes('direct')) notes.hint('tools.allowed_callers');
  else notes.native('tools.allowed_callers');
};

const membersOfChoice = new Set(['type', 'name', 'disable_parallel_tool_use']);

const decodeChoice = (choice: ObjectReader | null): Omit<Tooling, 'tools'> => {
  if (choice === null) return { toolChoice: null, parallelToolCalls: null };
  choice.nativeOthers(membersOfChoice, 'tool_choice');
  const serial = choice.flag('disable_parallel_tool_use');
  return { toolChoice: choiceOf(choice), parallelToolCalls: serial === null ? null : !serial };
};

const choiceOf = (choice: ObjectReader): ToolChoice | null => {
  switch (choice.value('type')) {
    case 'auto':
      return { type: 'auto' };
    case 'none':
      return { type: 'none' };
    case 'any':
      return { type: 'required' };
    case 'tool':
      return { type: 'named', name: choice.givenText('name') };
    default:
      return choice.refuse('type', 'must be "auto", "any", "tool" or "none"', null);
  }
};
