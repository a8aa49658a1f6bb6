import type { FilePart, ImagePart, MediaSource, TextPart } from '../../../vocabulary/index.ts';
import type { JsonObject } from '../../json/JsonObject.ts';
import { utf8Bytes } from '../../utf8.ts';
import { ownWire } from './ownSeal.ts';
import type { RequestReading } from './RequestReading.ts';

const sourceMembers = new Set(['type', 'media_type', 'data', 'url', 'file_id', 'content']);

/** Where the bytes of an image or a document are; null where only this wire knows such a source. */
export const decodeSource = (reading: RequestReading, source: JsonObject, path: string): MediaSource | null => {
  reading.unknownMembers(source, sourceMembers, 'source');
  switch (source['type']) {
    case 'base64':
      return {
        type: 'base64',
        mediaType: reading.text(source, 'media_type', path),
        data: reading.text(source, 'data', path),
      };
    case 'text':
      return { type: 'base64', mediaType: 'text/plain', data: base64Of(reading.text(source, 'data', path)) };
    case 'url':
      return { type: 'url', url: reading.text(source, 'url', path) };
    case 'file':
      return { type: 'stored', wire: ownWire, id: reading.text(source, 'file_id', path) };
    default:
      reading.native(`source.${reading.text(source, 'type', path)}`);
      return null;
  }
};

const base64Of = (text: string): string => Buffer.from(utf8Bytes(text)).toString('base64');

/** Reads the parts inside a block that holds others. */
export type PartsReader = (holder: JsonObject, path: string) => readonly (TextPart | ImagePart | FilePart)[];

/**
 * A document. Its `context` and the blocks of a `content` source are words for the model like any others, so they become parts beside it;
 * citations change what the answer looks like, and no other wire has them.
 */
export const decodeDocument = (
  reading: RequestReading,
  block: JsonObject,
  path: string,
  readParts: PartsReader,
): readonly (TextPart | ImagePart | FilePart)[] => {
  noteCitations(reading, block, path);
  const name = reading.optionalText(block, 'title', path);
  const context = reading.optionalText(block, 'context', path) ?? '';
  const before: readonly TextPart[] = context === '' ? [] : [{ type: 'text', text: context }];
  const source = sourceOf(reading, block, path);
  if (source['type'] === 'content') {
    const title: readonly TextPart[] = name === null || name === '' ? [] : [{ type: 'text', text: name }];
    return [...title, ...before, ...readParts(source, `${path}.source`)];
  }
  const media = decodeSource(reading, source, `${path}.source`);
  return media === null ? before : [...before, { type: 'file', source: media, name }];
};

/** The required `source` of a block. */
export const sourceOf = (reading: RequestReading, block: JsonObject, path: string): JsonObject =>
  reading.object(block, 'source', path) ?? reading.refuse<JsonObject>(`${path}.source`, 'an object', {});

/** A search result in words: title, where it is from, and what it says. */
export const decodeSearchResult = (
  reading: RequestReading,
  block: JsonObject,
  path: string,
  readParts: PartsReader,
): readonly (TextPart | ImagePart | FilePart)[] => {
  noteCitations(reading, block, path);
  const head = `${reading.text(block, 'title', path)}\n${reading.text(block, 'source', path)}`;
  return [{ type: 'text', text: head }, ...readParts(block, path)];
};

const noteCitations = (reading: RequestReading, block: JsonObject, path: string): void => {
  const citations = reading.object(block, 'citations', path);
  if (citations !== null && citations['enabled'] === true) reading.native('citations');
};
