/** What a person needs to call: the base URL without the wire's own path, a key and a model. */
export interface SnippetFacts {
  readonly url: string;
  readonly key: string;
  readonly model: string;
}

/** One question by curl, over the wire that most clients speak. */
export const curlSnippet = ({ url, key, model }: SnippetFacts): string =>
  `curl ${url}/v1/chat/completions -H "authorization: Bearer ${key}" \\
  -H "content-type: application/json" \\
  -d '{"model":"${model}","messages":[{"role":"user","content":"Hello"}]}'`;

/** The same from the SDK that most people have at hand. */
export const sdkSnippet = ({ url, key, model }: SnippetFacts): string =>
  `import OpenAI from 'openai';
const client = new OpenAI({ baseURL: '${url}/v1', apiKey: '${key}' });
await client.chat.completions.create({ model: '${model}', messages: [{ role: 'user', content: 'Hello' }] });`;
