import { answerStream, type Script } from './ScriptedUpstream.ts';

const chunk = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-t', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** Events of a chat's stream, as the openai wire has them. */
export const chatEvents = {
  role: chunk({ role: 'assistant', content: '' }),
  text: (text: string): string => chunk({ content: text }),
  finish: chunk({}, 'stop'),
  usage: (input: number, output: number): string =>
    `data: ${JSON.stringify({ id: 'chatcmpl-t', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output } })}\n\n`,
  done: 'data: [DONE]\n\n',
  error: `data: ${JSON.stringify({ error: { message: 'The server had an error', type: 'server_error', param: null, code: null } })}\n\n`,
} as const;

/** A whole stream that says this. */
export const chatStream = (text: string, usage: readonly [number, number] = [10, 3]): Script =>
  answerStream(
    chatEvents.role + chatEvents.text(text) + chatEvents.finish + chatEvents.usage(...usage) + chatEvents.done,
  );

/** A whole answer that says this. */
export const chatAnswer = (text: string, usage: readonly [number, number] = [10, 3]): object => ({
  id: 'chatcmpl-t',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }],
  usage: { prompt_tokens: usage[0], completion_tokens: usage[1], total_tokens: usage[0] + usage[1] },
});

/** An error as the openai wire has it. */
export const vendorError = (message: string, type = 'invalid_request_error', code: string | null = null): object => ({
  error: { message, type, param: null, code },
});

/** A message as the messages wire has it. */
export const messageAnswer = (text: string, usage: readonly [number, number] = [10, 3]): object => ({
  id: 'msg_t',
  type: 'message',
  role: 'assistant',
  model: 'm',
  content: [{ type: 'text', text }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: usage[0], output_tokens: usage[1] },
});

const messageEvent = (type: string, more: object): string =>
  `event: ${type}\ndata: ${JSON.stringify({ type, ...more })}\n\n`;

/** Events of a message's stream. */
export const messageEvents = {
  start: (input: number): string =>
    messageEvent('message_start', {
      message: {
        id: 'msg_t',
        type: 'message',
        role: 'assistant',
        content: [],
        model: 'm',
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: input, output_tokens: 1 },
      },
    }),
  open: messageEvent('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
  text: (text: string): string =>
    messageEvent('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  close: messageEvent('content_block_stop', { index: 0 }),
  delta: (output: number): string =>
    messageEvent('message_delta', {
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { output_tokens: output },
    }),
  stop: messageEvent('message_stop', {}),
} as const;

/** A whole stream of a message that says this. */
export const messageStream = (text: string, usage: readonly [number, number] = [10, 3]): Script =>
  answerStream(
    messageEvents.start(usage[0]) +
      messageEvents.open +
      messageEvents.text(text) +
      messageEvents.close +
      messageEvents.delta(usage[1]) +
      messageEvents.stop,
  );

const generated = (parts: readonly object[], more: object = {}): object => ({
  candidates: [{ content: { parts, role: 'model' }, index: 0, ...more }],
  modelVersion: 'm',
  responseId: 'r-t',
});

const generatedUsage = ([input, output]: readonly [number, number]): object => ({
  usageMetadata: { promptTokenCount: input, candidatesTokenCount: output, totalTokenCount: input + output },
});

/** An answer as the gemini wire has it. */
export const generatedAnswer = (text: string, usage: readonly [number, number] = [10, 3]): object => ({
  ...generated([{ text }], { finishReason: 'STOP' }),
  ...generatedUsage(usage),
});

/** A whole stream of an answer that says this. */
export const generatedStream = (text: string, usage: readonly [number, number] = [10, 3]): Script => {
  const chunks = [
    generated([{ text }]),
    { ...generated([{ text: '' }], { finishReason: 'STOP' }), ...generatedUsage(usage) },
  ];
  return answerStream(chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join(''));
};

const responseOf = (text: string, [input, output]: readonly [number, number]): object => ({
  id: 'resp_t',
  object: 'response',
  created_at: 1,
  status: 'completed',
  model: 'm',
  output: [
    {
      id: 'msg_t',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text, annotations: [] }],
    },
  ],
  usage: {
    input_tokens: input,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + output,
  },
});

/** A response as the responses wire has it. */
export const responseAnswer = (text: string, usage: readonly [number, number] = [10, 3]): object =>
  responseOf(text, usage);

/** Events of a response's stream. */
export const responseEvents = {
  created: messageEvent('response.created', {
    response: { id: 'resp_t', status: 'in_progress', model: 'm', output: [] },
  }),
  open:
    messageEvent('response.output_item.added', {
      output_index: 0,
      item: { id: 'msg_t', type: 'message', status: 'in_progress', role: 'assistant', content: [] },
    }) +
    messageEvent('response.content_part.added', {
      item_id: 'msg_t',
      output_index: 0,
      content_index: 0,
      part: { type: 'output_text', text: '', annotations: [] },
    }),
  text: (delta: string): string =>
    messageEvent('response.output_text.delta', { item_id: 'msg_t', output_index: 0, content_index: 0, delta }),
  completed: (text: string, usage: readonly [number, number]): string =>
    messageEvent('response.completed', { response: responseOf(text, usage) }),
} as const;

/** A whole stream of a response that says this. */
export const responseStream = (text: string, usage: readonly [number, number] = [10, 3]): Script =>
  answerStream(
    responseEvents.created + responseEvents.open + responseEvents.text(text) + responseEvents.completed(text, usage),
  );
