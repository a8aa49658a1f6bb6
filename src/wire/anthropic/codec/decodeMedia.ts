import type { FilePart, ImagePart, MediaSource, TextPart } from '../../../vocabulary/index.ts';
import { mediaTypeOf } from '../../codec/mediaTypeOf.ts';
import type { ObjectReader } from '../../codec/ObjectReader.ts';
import { base64OfText } from '../../codec/textFile.ts';
import { ownWire } from './sealOf.ts';

/** What may stand in a result of a tool, and in what the user says. */
export type ContentPart = TextPart | ImagePart | FilePart;

/** Reads the blocks that another one holds. */
type BlocksReader = (holder: ObjectReader, name: string) => readonly ContentPart[];

export const decodeImage = (block: ObjectReader): readonly ImagePart[] => {
  // Whether the vendor scales a large image down or refuses it.
  if (block.nested('transformations') !== null) block.notes.hint('transformations');
  const source = decodeSource(block.requiredNested('source'));
  return source === null ? [] : [{ type: 'image', source }];
};

const membersOfSource = new Set(['type', 'media_type', 'data', 'url', 'file_id', 'content']);

/** Where the bytes of an image or a document are; null where only this wire knows such a source. */
const decodeSource = (source: ObjectReader): MediaSource | null => {
  source.nativeOthers(membersOfSource, 'source');
  const type = source.requiredText('type');
  switch (type) {
    case 'base64':
      return { type, mediaType: mediaTypeOf(source.givenText('media_type')), data: source.givenText('data') };
    case 'text':
      return { type: 'base64', mediaType: 'text/plain', data: base64OfText(source.givenText('data')) };
    case 'url':
      return { type, url: source.givenText('url') };
    case 'file':
      return { type: 'stored', wire: ownWire, id: source.givenText('file_id') };
    default:
      source.notes.native(`source.${type}`);
      return null;
  }
};

/**
 * A document. Its `context` and the blocks of a `content` source are words for the model like any others, so they become parts beside it;
 * citations change what the answer looks like, and no other wire has them.
 */
export const decodeDocument = (block: ObjectReader, readBlocks: BlocksReader): readonly ContentPart[] => {
  noteCitations(block);
  const name = block.text('title');
  const before = textParts(block.text('context'));
  const source = block.requiredNested('source');
  if (source.value('type') === 'content') return [...textParts(name), ...before, ...readBlocks(source, 'content')];
  const media = decodeSource(source);
  return media === null ? before : [...before, { type: 'file', source: media, name }];
};

/** A search result in words: title, where it is from, and what it says. */
export const decodeSearchResult = (block: ObjectReader, readBlocks: BlocksReader): readonly ContentPart[] => {
  noteCitations(block);
  const head = `${block.givenText('title')}\n${block.givenText('source')}`;
  return [{ type: 'text', text: head }, ...readBlocks(block, 'content')];
};

const textParts = (text: string | null): readonly TextPart[] =>
  text === null || text === '' ? [] : [{ type: 'text', text }];

const noteCitations = (block: ObjectReader): void => {
  if (block.nested('citations')?.value('enabled') === true) block.notes.native('citations');
};
