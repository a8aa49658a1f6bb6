import type { InputPart, RefusalPart, TextPart, ThinkingPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from './cacheMarkOf.ts';
import { decodeAudio, decodeFile, decodeImage } from './decodeMedia.ts';

/** A part of a message's `content`: what goes to a model, or what one gave. */
export type ContentPart = InputPart | RefusalPart | ThinkingPart;

/**
 * Reads `content`: a text or a list of parts. Empty texts say nothing and other wires refuse them, so they are left out. A kind of part that
 * is not known here makes the request one for this wire only.
 */
export const decodeContent = (message: ObjectReader): readonly ContentPart[] =>
  message.parts('content').flatMap((part) => {
    const decoded = decodePart(part);
    return decoded === null ? [] : [decoded];
  });

const decodePart = (part: ObjectReader): ContentPart | null => {
  const type = part.requiredText('type');
  switch (type) {
    case 'text':
      return decodeText(part);
    case 'refusal':
      return { type, text: part.requiredText('refusal') };
    case 'thinking':
      return decodeThinking(part);
    case 'image_url':
      return decodeImage(part);
    case 'input_audio':
      return decodeAudio(part);
    case 'file':
      return decodeFile(part);
    default:
      part.notes.native(part.at(type));
      return null;
  }
};

const decodeText = (part: ObjectReader): TextPart | null => {
  const text = part.givenText('text');
  return text === '' ? null : { type: 'text', text, ...cacheMarkOf(part) };
};

/** Mistral sends thinking as a part with parts of its own, `{type:"thinking",thinking:[{type:"text",text}]}`, and takes it back so. */
const decodeThinking = (part: ObjectReader): ThinkingPart | null => {
  const text = part
    .parts('thinking')
    .map((inner) => inner.text('text') ?? '')
    .join('');
  return text === '' ? null : { type: 'thinking', text, seal: null };
};
