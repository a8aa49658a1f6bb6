import type { GenerateRequest, Tool, ToolChoice, ToolPlace } from '../../../vocabulary/index.ts';
import { allowedTools } from '../../codec/allowedTools.ts';
import { decodeParameters } from '../../codec/decodeParameters.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { freeTextParameters } from './freeText.ts';
import type { ToolNames } from './ToolNames.ts';

type Tooling = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** Reads tools and how they may be used. */
export const decodeTools = (request: ObjectReader, names: ToolNames): Tooling => {
  const offered = request.objects('tools');
  const tools = offered.flatMap((tool) => decodeTool(tool, names));
  const choice = decodeChoice(request, tools, names);
  for (const tool of offered) noteHosted(tool, tools.length > 0);
  return { ...choice, parallelToolCalls: request.flag('parallel_tool_calls') };
};

const decodeTool = (tool: ObjectReader, names: ToolNames): readonly Tool[] => {
  switch (tool.requiredText('type')) {
    case 'function':
      return [decodeFunction(tool, names, null)];
    case 'custom':
      return [decodeCustom(tool, names, null)];
    case 'namespace':
      return decodeGroup(tool, names);
    default:
      return [];
  }
};

const ownKinds: ReadonlySet<unknown> = new Set(['function', 'custom', 'namespace', '']);

/**
 * Tools that the vendor runs. A search beside tools of the client's own is one help among others: a target that cannot search answers without it. What it is
 * told to use, what is all it has, and every other kind cannot be had elsewhere.
 */
const noteHosted = (tool: ObjectReader, hasOthers: boolean): void => {
  const type = tool.text('type') ?? '';
  if (ownKinds.has(type)) return;
  if (hasOthers && isSpareKind(type)) tool.notes.hint(`tools.${type}`);
  else tool.notes.native(`tools.${type}`);
};

/** The vendor's own search for tools finds those that are not loaded yet: elsewhere all are offered at once. */
const isSpareKind = (type: string): boolean => /^web_search(_|$)/.test(type) || type === 'tool_search';

const membersOfFunction = new Set(['type', 'name', 'description', 'parameters', 'strict']);
const membersOfCustom = new Set(['type', 'name', 'description', 'format']);
const membersOfGroup = new Set(['type', 'name', 'description', 'tools']);

type Group = ToolPlace['group'] | null;

/** When a tool's definition is loaded, whether its call waits, and what its results look like do not change what it is. */
const noteTuning = (tool: ObjectReader, known: ReadonlySet<string>): void => {
  for (const name of tool.others(known)) {
    if (name === 'allowed_callers') noteCallers(tool);
    else if (tool.value(name) !== false) tool.notes.hint(`tools.${name}`);
  }
};

/** A tool that the model itself may not call can be called by the vendor's code only. */
const noteCallers = (tool: ObjectReader): void => {
  const callers = tool.texts('allowed_callers');
  if (callers.length === 0) return;
  if (callers.includes('direct')) tool.notes.hint('tools.allowed_callers');
  else tool.notes.native('tools.allowed_callers');
};

const placed = (tool: ObjectReader, names: ToolNames, group: Group): Pick<Tool, 'name' | 'place'> => {
  const name = tool.requiredText('name');
  return { name: names.of(group, name), ...(group === null ? {} : { place: { group, name } }) };
};

const decodeFunction = (tool: ObjectReader, names: ToolNames, group: Group): Tool => {
  noteTuning(tool, membersOfFunction);
  return {
    ...placed(tool, names, group),
    description: tool.text('description'),
    parameters: decodeParameters(tool),
    strict: tool.flag('strict'),
  };
};

/** A tool that takes any text. That it must fit a grammar is enforced nowhere else: there it is said in words. */
const decodeCustom = (tool: ObjectReader, names: ToolNames, group: Group): Tool => {
  noteTuning(tool, membersOfCustom);
  const format = tool.nested('format');
  if (format?.value('type') === 'grammar') tool.notes.hint('tools.format');
  return {
    ...placed(tool, names, group),
    description: tool.text('description'),
    parameters: freeTextParameters(format),
    strict: null,
    form: 'text',
  };
};

/** What a group is for is said by the first of its tools. */
const decodeGroup = (group: ObjectReader, names: ToolNames): readonly Tool[] => {
  noteTuning(group, membersOfGroup);
  const name = group.requiredText('name');
  const tools = group.objects('tools').flatMap((tool): readonly Tool[] => {
    const type = tool.requiredText('type');
    if (type === 'function') return [decodeFunction(tool, names, name)];
    if (type === 'custom') return [decodeCustom(tool, names, name)];
    tool.notes.native(`tools.${type}`);
    return [];
  });
  const [first, ...others] = tools;
  const about = group.text('description') ?? '';
  if (first === undefined || about === '') return tools;
  return [{ ...first, description: `${about}\n\n${first.description ?? ''}`.trimEnd() }, ...others];
};

type Choice = Omit<Tooling, 'parallelToolCalls'>;

const decodeChoice = (request: ObjectReader, tools: readonly Tool[], names: ToolNames): Choice => {
  const value = request.value('tool_choice');
  if (value === undefined) return { tools, toolChoice: null };
  if (typeof value === 'string') return { tools, toolChoice: decodeMode(request, value) };
  const choice = request.requiredNested('tool_choice');
  const type = choice.requiredText('type');
  if (type === 'function' || type === 'custom') {
    return { tools, toolChoice: { type: 'named', name: nameOf(choice, names) } };
  }
  if (type === 'allowed_tools') return allowedTools(choice, tools, (entry) => allowedNames(entry, tools, names));
  // It names a tool that the vendor runs.
  if (type !== '') request.notes.native(`tool_choice.${type}`);
  return { tools, toolChoice: null };
};

const nameOf = (named: ObjectReader, names: ToolNames): string =>
  names.of(named.text('namespace'), named.requiredText('name'));

const decodeMode = (request: ObjectReader, mode: string): ToolChoice | null =>
  mode === 'auto' || mode === 'none' || mode === 'required'
    ? { type: mode }
    : request.refuse('tool_choice', 'must be auto, none, required, or name a tool', null);

/** A group stands for all of its tools. A tool of the vendor's is left out or native like everywhere, by its own entry among the tools. */
const allowedNames = (tool: ObjectReader, tools: readonly Tool[], names: ToolNames): readonly string[] => {
  const type = tool.value('type');
  if (type === 'function' || type === 'custom') return [nameOf(tool, names)];
  if (type === 'namespace') {
    const group = tool.requiredText('name');
    return tools.flatMap(({ name, place }) => (place?.group === group ? [name] : []));
  }
  tool.notes.native(`tool_choice.allowed_tools.${tool.requiredText('type')}`);
  return [];
};
