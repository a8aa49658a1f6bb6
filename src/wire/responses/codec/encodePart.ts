import type { FilePart, ImagePart, InputPart, MediaSource } from '../../../vocabulary/index.ts';
import { writeDataUri } from '../../codec/dataUri.ts';
import { wordsOfFile } from '../../codec/textFile.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { nameOfFile } from '../../openai/codec/encodePart.ts';
import { isOwn } from './sealOf.ts';

const blank: JsonObject = { type: 'input_text', text: '' };

/** Writes what goes to a model. A document that is plain text is given as text. */
export const encodePart = (part: InputPart, notes: WritingNotes): JsonObject => {
  if (part.cache !== undefined) notes.drop('cache_control');
  switch (part.type) {
    case 'text':
      return { type: 'input_text', text: part.text };
    case 'image':
      return encodeImage(part, notes);
    case 'audio':
      return notes.refuse('messages', 'This target takes no audio', blank);
    case 'file':
      return encodeFile(part, notes);
  }
};

const encodeImage = ({ source, detail }: ImagePart, notes: WritingNotes): JsonObject => ({
  type: 'input_image',
  ...(source.type === 'stored' ? storedMember('image', source, notes) : { image_url: addressOf(source) }),
  detail: detail ?? 'auto',
});

const addressOf = (source: Exclude<MediaSource, { readonly type: 'stored' }>): string =>
  source.type === 'url' ? source.url : writeDataUri(source);

const encodeFile = ({ source, name }: FilePart, notes: WritingNotes): JsonObject => {
  if (source.type === 'stored') return { type: 'input_file', ...storedMember('file', source, notes) };
  if (source.type === 'url') return { type: 'input_file', file_url: source.url };
  if (source.mediaType.startsWith('text/')) return { type: 'input_text', text: wordsOfFile(source.data, name) };
  return { type: 'input_file', filename: name ?? nameOfFile(source.mediaType), file_data: writeDataUri(source) };
};

const storedMember = (
  what: string,
  source: Extract<MediaSource, { readonly type: 'stored' }>,
  notes: WritingNotes,
): JsonObject =>
  isOwn(source)
    ? { file_id: source.id }
    : notes.refuse(
        'messages',
        `The ${what} is stored with another vendor (${source.wire}): send its data or an address`,
        {},
      );
