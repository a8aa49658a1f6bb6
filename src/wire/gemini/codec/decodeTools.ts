import type { GenerateRequest, Tool, ToolChoice } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { decodeSchema } from './decodeSchema.ts';

const membersOfTool = new Set(['functionDeclarations']);
const membersOfFunction = new Set(['name', 'description', 'parameters', 'parametersJsonSchema']);
/** What a function answers, in whose words the model need not be told. */
const hintsOfFunction = new Set(['response', 'responseJsonSchema']);
const membersOfConfig = new Set(['functionCallingConfig']);
const membersOfCalling = new Set(['mode', 'allowedFunctionNames', 'streamFunctionCallArguments']);

type Tooling = Pick<GenerateRequest, 'tools' | 'toolChoice' | 'parallelToolCalls'>;

/** Reads tools and how they may be used. Several calls at once are what a model makes as it sees fit: this wire has no word for it. */
export const decodeTools = (request: ObjectReader): Tooling => {
  const tools = request.objects('tools').flatMap(decodeTool);
  return { ...decodeChoice(request, tools), parallelToolCalls: null };
};

/** Functions of the client's; everything else in a tool is one of the vendor's own. */
const decodeTool = (tool: ObjectReader): readonly Tool[] => {
  tool.nativeOthers(membersOfTool, 'tools');
  return tool.objects('functionDeclarations').map(decodeFunction);
};

const decodeFunction = (declaration: ObjectReader): Tool => {
  const { notes } = declaration;
  for (const name of declaration.others(membersOfFunction)) {
    if (hintsOfFunction.has(name)) notes.hint(`functionDeclarations.${name}`);
    else if (declaration.value(name) !== 'BLOCKING') notes.native(`functionDeclarations.${name}`);
  }
  return {
    name: declaration.requiredText('name'),
    description: declaration.text('description'),
    parameters: decodeParameters(declaration),
    strict: null,
  };
};

const decodeParameters = (declaration: ObjectReader): JsonObject => {
  const whole = declaration.nested('parametersJsonSchema');
  const subset = declaration.nested('parameters');
  const parameters = whole?.object ?? (subset === null ? { properties: {} } : decodeSchema(subset.object));
  const type = parameters['type'] ?? 'object';
  if (type === 'object') return { type, ...parameters };
  return declaration.refuse(whole === null ? 'parameters' : 'parametersJsonSchema', 'must be of the type "object"', {});
};

type Choice = Omit<Tooling, 'parallelToolCalls'>;

const decodeChoice = (request: ObjectReader, tools: readonly Tool[]): Choice => {
  const config = request.nested('toolConfig');
  config?.nativeOthers(membersOfConfig, 'toolConfig');
  const calling = config?.nested('functionCallingConfig') ?? null;
  if (calling === null) return { tools, toolChoice: null };
  calling.nativeOthers(membersOfCalling, 'functionCallingConfig');
  if (calling.flag('streamFunctionCallArguments') === true) {
    request.notes.hint('functionCallingConfig.streamFunctionCallArguments');
  }
  const mode = (calling.text('mode') ?? '').toUpperCase();
  const allowed = new Set(calling.texts('allowedFunctionNames'));
  return allowed.size === 0 || mode === 'NONE'
    ? { tools, toolChoice: choiceOf(calling, mode) }
    : narrowed(calling, tools, allowed, choiceOf(calling, mode));
};

const choiceOf = (calling: ObjectReader, mode: string): ToolChoice | null => {
  switch (mode) {
    case '':
    case 'MODE_UNSPECIFIED':
      return null;
    case 'AUTO':
    // The same, with arguments that are held to their schema.
    case 'VALIDATED':
      return { type: 'auto' };
    case 'ANY':
      return { type: 'required' };
    case 'NONE':
      return { type: 'none' };
    default:
      return calling.refuse('mode', 'must be "AUTO", "ANY", "NONE" or "VALIDATED"', null);
  }
};

/** One that must be called is named; to offer no others than those that may be comes to the same. */
const narrowed = (
  calling: ObjectReader,
  tools: readonly Tool[],
  allowed: ReadonlySet<string>,
  toolChoice: ToolChoice | null,
): Choice => {
  const offered = tools.filter(({ name }) => allowed.has(name));
  const [only] = allowed;
  if (new Set(offered.map(({ name }) => name)).size < allowed.size) {
    return calling.refuse('allowedFunctionNames', 'must name functions that are declared', { tools, toolChoice });
  }
  if (allowed.size === 1 && only !== undefined && toolChoice?.type === 'required') {
    return { tools, toolChoice: { type: 'named', name: only } };
  }
  return { tools: offered, toolChoice };
};
