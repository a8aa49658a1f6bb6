import OpenAI from 'openai';
import { boundOf, headOfResponse, requestMsMax, systemOf, type Ask, type Client, type Question } from './Client.ts';
import { ChatStreamReading, faultOfChat, readChat } from './faultOfChat.ts';

type Body = OpenAI.ChatCompletionCreateParamsNonStreaming;

const bodyOf = (question: Question): Body => {
  const { model, content, chance } = question;
  const system = systemOf(chance);
  const bounded = chance.happens(question.bounds === undefined ? 0.75 : 1);
  const name = chance.happens(0.5) ? 'max_tokens' : 'max_completion_tokens';
  return {
    model,
    messages: [
      ...(system === null ? [] : [{ role: 'system' as const, content: system }]),
      { role: 'user', content: chance.happens(0.25) ? [{ type: 'text', text: content }] : content },
    ],
    ...(bounded ? { [name]: boundOf(question) } : {}),
  };
};

/** Clients of the chat wire: half of the streams ask for their usage, a quarter of the requests set no bound. */
export const chatClient = (url: string, key: string): Client => {
  const sdk = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0, timeout: requestMsMax });
  return {
    path: '/v1/chat/completions',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    headOf: (error) =>
      error instanceof OpenAI.APIError && error.status !== undefined
        ? headOfResponse({ status: Number(error.status), headers: new Headers(error.headers) })
        : null,
    put: (question): Ask => {
      const usage = question.stream && question.chance.happens(0.5);
      const asked = { stream: question.stream, usage };
      const body = bodyOf(question);
      const streamed = {
        ...body,
        stream: true as const,
        ...(usage ? { stream_options: { include_usage: true } } : {}),
      };
      return {
        body: JSON.stringify(question.stream ? streamed : body),
        read: (status, contentType, text) => faultOfChat(status, contentType, text, asked),
        bySdk: async (onHead) => {
          if (!question.stream) {
            const { data, response } = await sdk.chat.completions.create(body).withResponse();
            onHead(headOfResponse(response));
            return readChat({ ...data });
          }
          const { data, response } = await sdk.chat.completions.create(streamed).withResponse();
          onHead(headOfResponse(response));
          const reading = new ChatStreamReading();
          for await (const chunk of data) reading.take({ ...chunk });
          return reading.end(asked);
        },
      };
    },
  };
};
