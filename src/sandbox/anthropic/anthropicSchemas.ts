// What this wire's published schema lets a request hold. Source: the vendor's SDK 1.14.0 types, with the beta parts that agents send.
import { shapes } from '../shape/shapes.ts';
import type { Shape } from '../shape/checkShape.ts';

const { any, array, boolean, choice, either, integer, map, nullable, number, object, string, tagged, text } = shapes;

const cacheControl = nullable(tagged('type', { ephemeral: object({ type: string }, { ttl: choice('5m', '1h') }) }));
const cached = { cache_control: cacheControl };
const toolName = text(/^[a-zA-Z0-9_-]{1,128}$/);

const textBlock = object({ type: string, text: string }, { ...cached, citations: nullable(array(any)) });
const imageBlock = object(
  {
    type: string,
    source: tagged('type', {
      base64: object({
        type: string,
        media_type: choice('image/jpeg', 'image/png', 'image/gif', 'image/webp'),
        data: string,
      }),
      url: object({ type: string, url: string }),
    }),
  },
  { ...cached, transformations: nullable(any) },
);
const documentBlock = object(
  {
    type: string,
    source: tagged('type', {
      text: object({ type: string, media_type: choice('text/plain'), data: string }),
      base64: object({ type: string, media_type: choice('application/pdf'), data: string }),
    }),
  },
  { ...cached, title: nullable(string), context: nullable(string), citations: nullable(map(any)) },
);
const toolUseBlock = object(
  { type: string, id: text(/^[a-zA-Z0-9_-]+$/), name: text(/^[a-zA-Z0-9_-]{1,200}$/), input: map(any) },
  { ...cached, caller: any, toolset_name: nullable(string) },
);
const toolReferenceBlock = object({ type: string, tool_name: string }, cached);
const toolResultBlock = object(
  { type: string, tool_use_id: text(/^[a-zA-Z0-9_-]+$/) },
  {
    ...cached,
    content: either(
      string,
      array(
        tagged('type', {
          text: textBlock,
          image: imageBlock,
          document: documentBlock,
          tool_reference: toolReferenceBlock,
        }),
      ),
    ),
    is_error: nullable(boolean),
    toolset_name: nullable(string),
  },
);
const thinkingBlock = object({ type: string, thinking: string, signature: string });
const redactedThinkingBlock = object({ type: string, data: string });

const blocks = (cases: Parameters<typeof tagged>[1]): Shape => either(string, array(tagged('type', cases)));
/** Settings of one turn, where the beta that allows them is on. */
const turn = {
  output_config: nullable(object({}, { effort: nullable(choice('low', 'medium', 'high', 'xhigh', 'max')) })),
};

const message = tagged('role', {
  user: object(
    {
      role: string,
      content: blocks({ text: textBlock, image: imageBlock, document: documentBlock, tool_result: toolResultBlock }),
    },
    turn,
  ),
  assistant: object(
    {
      role: string,
      content: blocks({
        text: textBlock,
        tool_use: toolUseBlock,
        thinking: thinkingBlock,
        redacted_thinking: redactedThinkingBlock,
      }),
    },
    turn,
  ),
  system: object({ role: string, content: blocks({ text: textBlock }) }, turn),
});

const tool = tagged(
  'type',
  {
    custom: object(
      { name: toolName, input_schema: map(any) },
      {
        ...cached,
        type: nullable(string),
        description: string,
        allowed_callers: array(string),
        defer_loading: boolean,
        eager_input_streaming: nullable(boolean),
        input_examples: array(map(any)),
        strict: boolean,
      },
    ),
  },
  'custom',
);

const serial = { disable_parallel_tool_use: boolean };
const toolChoice = tagged('type', {
  auto: object({ type: string }, serial),
  any: object({ type: string }, serial),
  tool: object({ type: string, name: string }, serial),
  none: object({ type: string }),
});

const display = { display: nullable(choice('summarized', 'omitted', 'updates')), block_binding: nullable(any) };
const thinking = tagged('type', {
  enabled: object({ type: string, budget_tokens: integer(1024) }, display),
  adaptive: object({ type: string }, display),
  disabled: object({ type: string }),
});

const outputFormat = tagged('type', { json_schema: object({ type: string, schema: map(any) }) });

/** Members of both requests: for an answer and for a count. */
const common = {
  cache_control: cacheControl,
  context_management: nullable(object({}, { edits: array(map(any)) })),
  output_config: object(
    {},
    {
      effort: nullable(choice('low', 'medium', 'high', 'xhigh', 'max')),
      format: nullable(outputFormat),
      task_budget: nullable(any),
    },
  ),
  output_format: nullable(outputFormat),
  speed: nullable(choice('standard', 'fast')),
  system: either(string, array(tagged('type', { text: textBlock }))),
  thinking,
  tool_choice: toolChoice,
  tools: array(tool),
};

export const messagesSchema: Shape = object(
  { model: string, messages: array(message, 1), max_tokens: integer(1) },
  {
    ...common,
    diagnostics: nullable(any),
    inference_geo: nullable(string),
    metadata: object({}, { user_id: nullable(string) }),
    service_tier: choice('auto', 'standard_only'),
    stop_sequences: array(string),
    stream: boolean,
    temperature: number(0, 1),
    thread: nullable(
      tagged('type', {
        create: object({ type: string }),
        continue: object({ type: string, previous_message_id: string }),
      }),
    ),
    top_k: integer(0),
    top_p: number(0, 1),
  },
);

export const countTokensSchema: Shape = object({ model: string, messages: array(message, 1) }, common);

/** Members that are unknown unless the request names their beta. */
export const betaMembers: Readonly<Record<string, string>> = {
  context_management: 'context-management-',
  output_format: 'structured-outputs-',
  thread: 'message-threads-',
};

/** Beta that lets a single message carry settings. */
export const turnControlBeta = 'per-turn-control-';
