// What this wire's published schema lets a request hold. Source: the vendor's OpenAPI description as its SDK 7.57.0 types it.
import { shapes } from '../shape/shapes.ts';
import type { Shape } from '../shape/checkShape.ts';
import { sandboxCatalogue } from '../sandboxCatalogue.ts';
import { sandboxLimits } from '../limits.ts';

const { any, array, boolean, choice, either, integer, map, nullable, number, object, string, tagged, text } = shapes;

const cacheBreakpoint = { prompt_cache_breakpoint: nullable(object({}, { mode: string, ttl: string })) };
const toolName = text(/^[a-zA-Z0-9_-]{1,64}$/);

const textPart = object({ type: string, text: string }, cacheBreakpoint);
const refusalPart = object({ type: string, refusal: string });
const imagePart = object(
  { type: string, image_url: object({ url: string }, { detail: choice('auto', 'low', 'high', 'original') }) },
  cacheBreakpoint,
);

const texts = either(string, array(tagged('type', { text: textPart }), 1));
const name = { name: string };

const toolCall = tagged('type', {
  function: object(
    { id: string, type: string, function: object({ name: toolName, arguments: string }) },
    // A few clients send the index of the stream back.
    { index: integer(0) },
  ),
});

const message = tagged('role', {
  system: object({ role: string, content: texts }, name),
  developer: object({ role: string, content: texts }, name),
  user: object(
    { role: string, content: either(string, array(tagged('type', { text: textPart, image_url: imagePart }), 1)) },
    name,
  ),
  assistant: object(
    { role: string },
    {
      ...name,
      content: nullable(either(string, array(tagged('type', { text: textPart, refusal: refusalPart }), 1))),
      refusal: nullable(string),
      tool_calls: array(toolCall, 1),
      audio: nullable(any),
      function_call: nullable(any),
      annotations: nullable(array(any)),
    },
  ),
  tool: object({ role: string, content: texts, tool_call_id: string }, name),
});

const functionTool = object({
  type: string,
  function: object(
    { name: toolName },
    { description: nullable(string), parameters: nullable(map(any)), strict: nullable(boolean) },
  ),
});

const toolChoice = either(
  choice('none', 'auto', 'required'),
  tagged('type', {
    function: object({ type: string, function: object({ name: string }) }),
    allowed_tools: object({
      type: string,
      allowed_tools: object({ mode: choice('auto', 'required'), tools: array(map(any), 1) }),
    }),
  }),
);

const responseFormat = tagged('type', {
  text: object({ type: string }),
  json_object: object({ type: string }),
  json_schema: object({
    type: string,
    json_schema: object(
      { name: text(/^[a-zA-Z0-9_-]{1,64}$/) },
      { description: nullable(string), schema: map(any), strict: nullable(boolean) },
    ),
  }),
});

export const chatSchema: Shape = object(
  { model: string, messages: array(message, 1) },
  {
    audio: nullable(any),
    frequency_penalty: nullable(number(-2, 2)),
    function_call: nullable(any),
    functions: nullable(any),
    logit_bias: nullable(map(number(-100, 100))),
    logprobs: nullable(boolean),
    max_completion_tokens: nullable(integer(1)),
    max_tokens: nullable(integer(1)),
    metadata: nullable(map(string)),
    modalities: nullable(array(choice('text', 'audio'))),
    moderation: nullable(any),
    n: nullable(integer(1, 128)),
    parallel_tool_calls: nullable(boolean),
    prediction: nullable(any),
    presence_penalty: nullable(number(-2, 2)),
    prompt_cache_key: nullable(string),
    prompt_cache_options: nullable(object({}, { mode: choice('implicit', 'explicit'), ttl: string })),
    prompt_cache_retention: nullable(choice('in_memory', '24h')),
    reasoning_effort: nullable(choice('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
    response_format: nullable(responseFormat),
    safety_identifier: nullable(string),
    seed: nullable(integer()),
    service_tier: nullable(choice('auto', 'default', 'flex', 'scale', 'priority', 'fast')),
    stop: nullable(either(string, array(string, 0, 4))),
    store: nullable(boolean),
    stream: nullable(boolean),
    stream_options: nullable(object({}, { include_usage: nullable(boolean), include_obfuscation: nullable(boolean) })),
    temperature: nullable(number(0, 2)),
    tool_choice: nullable(toolChoice),
    tools: nullable(array(tagged('type', { function: functionTool }), 1, 128)),
    top_logprobs: nullable(integer(0, 20)),
    top_p: nullable(number(0, 1)),
    user: nullable(string),
    verbosity: nullable(choice('low', 'medium', 'high')),
    web_search_options: nullable(any),
  },
);

/** Known to the API, but nothing that these models can do. */
export const unsupportedParameters = [
  'audio',
  'functions',
  'function_call',
  'moderation',
  'prediction',
  'web_search_options',
] as const;

export const embeddingsSchema: Shape = object(
  {
    model: string,
    // Texts, or tokens as numbers.
    input: either(string, array(any, 1, sandboxLimits.embeddingInputs)),
  },
  {
    dimensions: nullable(integer(1, sandboxCatalogue.embeddingDimensions)),
    encoding_format: nullable(choice('float', 'base64')),
    user: nullable(string),
  },
);
