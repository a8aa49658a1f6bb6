import Anthropic from '@anthropic-ai/sdk';
import { boundOf, headOfResponse, requestMsMax, systemOf, type Ask, type Client, type Question } from './Client.ts';
import { faultOfMessage, MessageStreamReading, readMessage } from './faultOfMessage.ts';

type Body = Anthropic.MessageCreateParamsNonStreaming;

const bodyOf = (question: Question): Body => {
  const { model, content, chance } = question;
  const system = systemOf(chance);
  return {
    model,
    max_tokens: boundOf(question),
    ...(system === null ? {} : { system }),
    messages: [{ role: 'user', content: chance.happens(0.25) ? [{ type: 'text', text: content }] : content }],
  };
};

/** Clients of the messages wire. */
export const messagesClient = (url: string, key: string): Client => {
  const sdk = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0, timeout: requestMsMax });
  return {
    path: '/v1/messages',
    headers: { 'x-api-key': key, 'anthropic-version': '2023-06-01', 'content-type': 'application/json' },
    headOf: (error) =>
      error instanceof Anthropic.APIError && error.status !== undefined
        ? headOfResponse({ status: Number(error.status), headers: new Headers(error.headers) })
        : null,
    put: (question): Ask => {
      const body = bodyOf(question);
      const streamed = { ...body, stream: true as const };
      return {
        body: JSON.stringify(question.stream ? streamed : body),
        read: (status, contentType, text) => faultOfMessage(status, contentType, text, question.stream),
        bySdk: async (onHead) => {
          if (!question.stream) {
            const { data, response } = await sdk.messages.create(body).withResponse();
            onHead(headOfResponse(response));
            return readMessage({ ...data });
          }
          const { data, response } = await sdk.messages.create(streamed).withResponse();
          onHead(headOfResponse(response));
          const reading = new MessageStreamReading();
          for await (const event of data) reading.take({ ...event });
          return reading.end();
        },
      };
    },
  };
};
