import type { Message, TextPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { decodeModelPart } from './decodeModelPart.ts';
import { decodeUserPart } from './decodeUserPart.ts';
import { noteParts } from './noteParts.ts';
import { OpenCalls } from './OpenCalls.ts';

const membersOfContent = new Set(['role', 'parts']);

/** The system prompt, which stands above the contents; whose role it says does not matter. */
export const decodeSystem = (request: ObjectReader): readonly Message[] => {
  const content = request.nested('systemInstruction');
  if (content === null) return [];
  const texts = partsOf(content).flatMap((part): readonly TextPart[] => {
    const text = part.text('text') ?? part.refuse('text', 'is required: a system instruction is text', '');
    return text === '' ? [] : [{ type: 'text', text }];
  });
  return texts.length === 0 ? [] : [{ role: 'system', content: texts }];
};

export const decodeContents = (request: ObjectReader): readonly Message[] => {
  const contents = request.objects('contents');
  if (contents.length === 0) return request.refuse('contents', 'must be a list of at least one content', []);
  const calls = new OpenCalls();
  let isAnswer = false;
  const messages = contents.map((content): Message => {
    const wasAnswer = isAnswer;
    isAnswer = content.value('role') === 'model';
    if (isAnswer && !wasAnswer) calls.startAnswer();
    return decodeContent(content, calls);
  });
  return messages.filter(({ content }) => content.length > 0);
};

const decodeContent = (content: ObjectReader, calls: OpenCalls): Message => {
  content.nativeOthers(membersOfContent, 'contents');
  switch (content.value('role')) {
    case 'model':
      return { role: 'assistant', content: partsOf(content).flatMap((part) => decodeModelPart(part, calls)) };
    case undefined:
    case 'user':
    // The older role of what functions answered.
    case 'function':
      return { role: 'user', content: partsOf(content).flatMap((part) => decodeUserPart(part, calls)) };
    default:
      return content.refuse('role', 'must be "user" or "model"', { role: 'user', content: [] });
  }
};

const partsOf = (content: ObjectReader): readonly ObjectReader[] => {
  const parts = content.objects('parts');
  for (const part of parts) noteParts(part);
  return parts;
};
