import type { FilePart, ImagePart, RefusalPart, TextPart } from '../../../vocabulary/index.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { cacheMarkOf } from '../../openai/codec/cacheMarkOf.ts';
import { decodeFile, decodeImage } from './decodeMedia.ts';

/** A part of what is said to a model, or of what one said. */
export type ContentPart = TextPart | ImagePart | FilePart | RefusalPart;

/**
 * Reads a content: a text or a list of parts. Empty texts say nothing and other wires refuse them, so they are left out. A kind of part that is not known
 * here makes the request one for this wire only.
 */
export const decodeContent = (holder: ObjectReader, name: string): readonly ContentPart[] =>
  holder.parts(name).flatMap((part) => {
    const decoded = decodePart(part);
    return decoded === null ? [] : [decoded];
  });

const decodePart = (part: ObjectReader): ContentPart | null => {
  const type = part.requiredText('type');
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return decodeText(part);
    case 'refusal':
      return { type, text: part.requiredText('refusal') };
    case 'input_image':
      return decodeImage(part);
    case 'input_file':
      return decodeFile(part);
    default:
      part.notes.native(`input.${type}`);
      return null;
  }
};

const decodeText = (part: ObjectReader): TextPart | null => {
  const text = part.givenText('text');
  return text === '' ? null : { type: 'text', text, ...cacheMarkOf(part) };
};
