import type { AudioPart, FilePart, ImagePart, InputPart, MediaSource } from '../../../vocabulary/index.ts';
import { writeDataUri } from '../../codec/dataUri.ts';
import { wordsOfFile } from '../../codec/textFile.ts';
import type { WritingNotes } from '../../codec/WritingNotes.ts';
import type { JsonObject } from '../../json/JsonObject.ts';

/** A part of a user's `content` in this wire's words. */
export type ChatPart = ChatText | ChatMedia;

export interface ChatText {
  readonly type: 'text';
  readonly text: string;
}

interface ChatMedia extends JsonObject {
  readonly type: 'image_url' | 'input_audio' | 'file';
}

export const isText = (part: ChatPart): part is ChatText => part.type === 'text';

/** Blocks of text are things of their own: a blank line keeps them apart where they become one text. */
export const joinTexts = (parts: readonly ChatText[]): string => parts.map(({ text }) => text).join('\n\n');

/** `content` of a message: one text where there is nothing else, since not every vendor of this wire takes parts; else the parts. */
export const contentOf = (parts: readonly ChatPart[]): string | readonly ChatPart[] => {
  const texts = parts.filter(isText);
  return texts.length === parts.length ? joinTexts(texts) : parts;
};

/** Writes what goes to a model. A document that is plain text is given as text: files of this wire are PDFs. */
export const encodePart = (part: InputPart, notes: WritingNotes): ChatPart => {
  if (part.cache !== undefined) notes.drop('cache_control');
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image':
      return encodeImage(part, notes);
    case 'audio':
      return encodeAudio(part, notes);
    case 'file':
      return encodeFile(part, notes);
  }
};

const encodeImage = ({ source, detail }: ImagePart, notes: WritingNotes): ChatPart => {
  const url = addressOf(source, notes);
  return { type: 'image_url', image_url: { url, ...(detail === undefined ? {} : { detail }) } };
};

const addressOf = (source: MediaSource, notes: WritingNotes): string => {
  if (source.type === 'base64') return writeDataUri(source);
  return source.type === 'url' ? source.url : refuseStored('image', source.wire, notes, '');
};

const formatOfMediaType: Readonly<Record<string, string>> = { 'audio/mpeg': 'mp3', 'audio/wav': 'wav' };

const encodeAudio = ({ source }: AudioPart, notes: WritingNotes): ChatPart => {
  const mediaType = source.type === 'base64' ? source.mediaType : null;
  const format = mediaType === null ? undefined : formatOfMediaType[mediaType];
  if (source.type !== 'base64' || format === undefined) {
    return notes.refuse('messages', 'This target takes audio only as WAV or MP3 in the request', blank);
  }
  return { type: 'input_audio', input_audio: { data: source.data, format } };
};

const encodeFile = ({ source, name }: FilePart, notes: WritingNotes): ChatPart => {
  if (source.type === 'url') {
    return notes.refuse('messages', 'This target takes no file by its address: send its data', blank);
  }
  if (source.type === 'stored') {
    return source.wire === 'openai'
      ? { type: 'file', file: { file_id: source.id } }
      : refuseStored('file', source.wire, notes, blank);
  }
  if (source.mediaType.startsWith('text/')) return { type: 'text', text: wordsOfFile(source.data, name) };
  return { type: 'file', file: { filename: name ?? nameOfFile(source.mediaType), file_data: writeDataUri(source) } };
};

/** The name is required beside the data, and tells vendors the kind. */
export const nameOfFile = (mediaType: string): string => `document.${mediaType.slice(mediaType.lastIndexOf('/') + 1)}`;

const blank: ChatPart = { type: 'text', text: '' };

const refuseStored = <Value>(what: string, wire: string, notes: WritingNotes, value: Value): Value =>
  notes.refuse('messages', `The ${what} is stored with another vendor (${wire}): send its data or an address`, value);
