import type { Tool, ToolChoice } from '../../../vocabulary/index.ts';
import { isJsonObject, type JsonObject } from '../../json/JsonObject.ts';
import { cacheMarkOf } from './decodeContent.ts';
import type { ObjectReader } from './ObjectReader.ts';

const membersOfFunction = new Set(['name', 'description', 'parameters', 'strict']);

/** Reads `tools`: functions; a tool of another kind (custom grammars, web search of a vendor) is one for this wire only. */
export const decodeTools = (request: ObjectReader): readonly Tool[] => request.objects('tools').flatMap(decodeTool);

const decodeTool = (tool: ObjectReader): Tool[] => {
  const type = tool.requiredText('type');
  if (type !== 'function') {
    if (type !== '') tool.notes.native(tool.at(type));
    return [];
  }
  const inner = tool.requiredNested('function');
  for (const name of inner.others(membersOfFunction)) tool.notes.hint(`tools.function.${name}`);
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

/** "Omitting `parameters` defines a function with an empty parameter list." */
const decodeParameters = (tool: ObjectReader): JsonObject => {
  const parameters = tool.value('parameters') ?? { properties: {} };
  if (!isJsonObject(parameters)) return tool.refuse('parameters', 'must be a JSON Schema', {});
  const type = parameters['type'] ?? 'object';
  if (type !== 'object') return tool.refuse('parameters', 'must be a JSON Schema of type "object"', {});
  return { type, ...parameters };
};

/** `any` is how some vendors of this wire say `required`. */
const choices: Readonly<Record<string, ToolChoice>> = {
  auto: { type: 'auto' },
  none: { type: 'none' },
  required: { type: 'required' },
  any: { type: 'required' },
};

export const decodeToolChoice = (request: ObjectReader): ToolChoice | null => {
  const value = request.value('tool_choice');
  if (value === undefined) return null;
  if (typeof value === 'string') {
    const choice = Object.hasOwn(choices, value) ? choices[value] : undefined;
    return choice ?? request.refuse('tool_choice', 'must be auto, none, required, or name a function', null);
  }
  const named = request.requiredNested('tool_choice');
  const type = named.requiredText('type');
  if (type === 'function') return { type: 'named', name: named.requiredNested('function').requiredText('name') };
  // `allowed_tools` narrows the list for one turn, `custom` names a custom tool.
  if (type !== '') request.notes.native(`tool_choice.${type}`);
  return null;
};
