import type { GenerateRequest, Tool, ToolChoice } from '../../../vocabulary/index.ts';
import { allowedTools } from '../../codec/allowedTools.ts';
import { decodeParameters } from '../../codec/decodeParameters.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';

const membersOfFunction = new Set(['name', 'description', 'parameters', 'strict']);

type Tooling = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** Reads tools and how they may be used. */
export const decodeTools = (request: ObjectReader): Tooling => ({
  ...decodeChoice(request, request.objects('tools').flatMap(decodeTool)),
  parallelToolCalls: request.flag('parallel_tool_calls'),
});

/** A function; a tool of another kind (custom grammars, web search of a vendor) is one for this wire only. */
const decodeTool = (tool: ObjectReader): Tool[] => {
  const type = tool.requiredText('type');
  if (type !== 'function') {
    if (type !== '') tool.notes.native(tool.at(type));
    return [];
  }
  const inner = tool.requiredNested('function');
  inner.hintOthers(membersOfFunction, 'tools.function');
  return [
    {
      name: inner.requiredText('name'),
      description: inner.text('description'),
      parameters: decodeParameters(inner),
      strict: inner.flag('strict'),
      ...cacheMarkOf(tool),
    },
  ];
};

/** `any` is how some vendors of this wire say `required`. */
const choices: Readonly<Record<string, ToolChoice>> = {
  auto: { type: 'auto' },
  none: { type: 'none' },
  required: { type: 'required' },
  any: { type: 'required' },
};

type Choice = Omit<Tooling, 'parallelToolCalls'>;

const decodeChoice = (request: ObjectReader, tools: readonly Tool[]): Choice => {
  const value = request.value('tool_choice');
  if (value === undefined) return { tools, toolChoice: null };
  if (typeof value === 'string') return { tools, toolChoice: decodeMode(request, value) };
  const choice = request.requiredNested('tool_choice');
  const type = choice.requiredText('type');
  if (type === 'function') {
    return { tools, toolChoice: { type: 'named', name: choice.requiredNested('function').requiredText('name') } };
  }
  if (type === 'allowed_tools') return allowedTools(choice.requiredNested(type), tools, allowedName);
  // `custom` names a custom tool.
  if (type !== '') request.notes.native(`tool_choice.${type}`);
  return { tools, toolChoice: null };
};

const decodeMode = (request: ObjectReader, mode: string): ToolChoice | null =>
  (Object.hasOwn(choices, mode) ? choices[mode] : undefined) ??
  request.refuse('tool_choice', 'must be auto, none, required, or name a function', null);

const allowedName = (tool: ObjectReader): readonly string[] => {
  if (tool.value('type') === 'function') return [tool.requiredNested('function').requiredText('name')];
  tool.notes.native(`tool_choice.allowed_tools.${tool.requiredText('type')}`);
  return [];
};
