import {
  hasFeature,
  type FeatureSet,
  type GenerateRequest,
  type Message,
  type TextPart,
} from '../../vocabulary/index.ts';
import { callsInWords } from './callsInWords.ts';
import { formInWords } from './formInWords.ts';

/** A request that asks for less, and what was taken from it, by the names of the features. */
export interface LessenedRequest {
  readonly request: GenerateRequest;
  readonly dropped: readonly string[];
}

type Step = (request: GenerateRequest, told: Set<string>) => GenerateRequest;

/**
 * The request without these features. What was shown to the model becomes a line that says so, calls and results of tools become text, a form is asked
 * for in words, the prompt of the system is the user's first word. Features that only the writers of wires know how to leave out stay.
 */
export const withoutFeatures = (request: GenerateRequest, features: FeatureSet): LessenedRequest => {
  let lessened = request;
  const told = new Set<string>();
  for (const [feature, name, step] of steps) {
    if (!hasFeature(features, feature)) continue;
    const before = lessened;
    lessened = step(before, told);
    if (lessened !== before) told.add(name);
  }
  return { request: lessened, dropped: [...told] };
};

const withoutTools: Step = (request, told) => ({
  ...request,
  tools: [],
  toolChoice: null,
  parallelToolCalls: null,
  messages: callsInWords(request.messages, { drop: (name) => told.add(name) }),
});

const line = (text: string): TextPart => ({ type: 'text', text });

/** @param what In the line that stands in its place. */
const withoutMedia =
  (type: 'image' | 'file' | 'audio', what: string): Step =>
  (request) => {
    const told = <Part extends { readonly type: string }>(part: Part): Part | TextPart =>
      part.type === type ? line(`[${what} was left out here: this model takes none.]`) : part;
    const messages = request.messages.map((message): Message => {
      if (message.role !== 'user') return message;
      const content = message.content.map((part) =>
        part.type === 'tool-result' ? { ...part, content: part.content.map(told) } : told(part),
      );
      return { role: 'user', content };
    });
    return { ...request, messages };
  };

const formAsked: Step = (request) => {
  const { outputFormat } = request;
  if (outputFormat.type === 'text') return request;
  const words = formInWords(outputFormat.type === 'json-schema' ? outputFormat.schema : null);
  const asking: Message = { role: 'system', content: [line(words)] };
  return { ...request, outputFormat: { type: 'text' }, messages: [asking, ...request.messages] };
};

const schemaAsked: Step = (request, told) =>
  request.outputFormat.type === 'json-schema' ? formAsked(request, told) : request;

/** All that stands behind the last word to the model: an answer may have begun in several messages. */
const withoutOpening: Step = (request) => {
  const { messages } = request;
  const end = messages.findLastIndex(({ role }) => role !== 'assistant') + 1;
  return end === messages.length ? request : { ...request, messages: messages.slice(0, end) };
};

/** What the system says stands before what the user says first. */
const withoutSystem: Step = (request) => {
  const others = request.messages.filter(({ role }) => role !== 'system');
  if (others.length === request.messages.length) return request;
  const said = request.messages.flatMap((message) => (message.role === 'system' ? message.content : []));
  const asking: readonly Message[] = said.length === 0 ? [] : [{ role: 'user', content: said }];
  return { ...request, messages: [...asking, ...others] };
};

/** The features that can be taken from a request, by what they are told under, in the order in which they are taken: the system's words last, since forms are asked for there. */
const steps = [
  ['tools', 'tools', withoutTools],
  ['parallelTools', 'parallel_tool_calls', (request) => ({ ...request, parallelToolCalls: null })],
  ['images', 'images', withoutMedia('image', 'An image')],
  ['documents', 'documents', withoutMedia('file', 'A document')],
  ['audio', 'audio', withoutMedia('audio', 'A recording')],
  ['structuredOutput', 'response_format', formAsked],
  ['schemas', 'response_format', schemaAsked],
  ['prefill', 'prefill', withoutOpening],
  ['reasoning', 'reasoning', (request) => ({ ...request, reasoning: null })],
  ['system', 'system', withoutSystem],
] as const satisfies readonly (readonly [string, string, Step])[];
