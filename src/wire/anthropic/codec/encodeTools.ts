import type { GenerateRequest, Tool } from '../../../vocabulary/index.ts';
import { adaptSchema } from './adaptSchema.ts';
import { checkedToolName } from './encodeBlocks.ts';
import { callsIn, type Turn } from './pairedTurns.ts';
import type { RequestWriting, Written } from './RequestWriting.ts';

export interface EncodedTools {
  readonly tools: readonly Written[];
  readonly toolChoice: Written | null;
}

export const encodeTools = (
  writing: RequestWriting,
  request: GenerateRequest,
  turns: readonly Turn[],
): EncodedTools => {
  if (request.tools.length === 0) return formerTools(writing, turns);
  return {
    tools: request.tools.map((tool) => toolOf(writing, tool)),
    toolChoice: toolChoiceOf(writing, request),
  };
};

const toolOf = (writing: RequestWriting, { name, description, parameters, strict, cache }: Tool): Written => {
  const { type = 'object' } = parameters;
  if (type !== 'object') {
    const message = `The parameters of the tool ${JSON.stringify(name)} must be a JSON Schema of the type "object".`;
    return writing.refuse({ code: 'bad_request', message, parameter: 'tools' }, {});
  }
  const isStrict = strict === true && canBeStrict(writing, parameters);
  const schema = isStrict ? adaptSchema({ type, ...parameters }).schema : { type, ...parameters };
  return writing.mark(
    {
      name: checkedToolName(writing, name, 'tools'),
      ...(description === null || description === '' ? {} : { description }),
      input_schema: schema,
      ...(isStrict ? { strict: true } : {}),
    },
    cache,
  );
};

/** The vendor enforces closed objects only; where arguments may have members of any name, holding to the schema is the model's own care. */
const canBeStrict = (writing: RequestWriting, parameters: Tool['parameters']): boolean => {
  const isPossible = !writing.lacks('strict') && !adaptSchema(parameters).isOpen;
  if (!isPossible) writing.drop('strict');
  return isPossible;
};

/**
 * Calls in the conversation need tools ("Requests which include `tool_use` or `tool_result` blocks must define tools"), also where the caller offers none
 * any more: they are named and forbidden.
 */
const formerTools = (writing: RequestWriting, turns: readonly Turn[]): EncodedTools => {
  const names = new Set(turns.flatMap((turn) => callsIn(turn).map((call) => call.name)));
  if (names.size === 0) return { tools: [], toolChoice: null };
  const tools = [...names].map((name) => ({
    name: checkedToolName(writing, name, 'messages'),
    input_schema: { type: 'object' },
  }));
  return { tools, toolChoice: { type: 'none' } };
};

/** `disable_parallel_tool_use` goes with every choice but `none`. */
const toolChoiceOf = (writing: RequestWriting, request: GenerateRequest): Written | null => {
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
      return { type: 'tool', name: offeredName(writing, request, request.toolChoice.name), ...serial };
  }
};

const offeredName = (writing: RequestWriting, { tools }: GenerateRequest, name: string): string =>
  tools.some((tool) => tool.name === name)
    ? name
    : writing.refuse(
        {
          code: 'bad_request',
          message: `\`tool_choice\` names the tool ${JSON.stringify(name)}, which is not among the tools.`,
          parameter: 'tool_choice',
        },
        name,
      );
