import type { MediaSource } from '../../vocabulary/index.ts';
import { mediaTypeOf } from './mediaTypeOf.ts';

type InlineMedia = Extract<MediaSource, { type: 'base64' }>;

export const isDataUri = (text: string): boolean => text.slice(0, 5).toLowerCase() === 'data:';

/** Reads a `data:` URI (RFC 2397) of base64 with a media type; null where it is none. */
export const readDataUri = (uri: string): InlineMedia | null => {
  const comma = uri.indexOf(',');
  if (!isDataUri(uri) || comma === -1) return null;
  const head = uri.slice(5, comma);
  const mediaType = mediaTypeOf(head);
  const data = uri.slice(comma + 1);
  if (!mediaType.includes('/') || !/;\s*base64\s*$/i.test(head) || data === '') return null;
  return { type: 'base64', mediaType, data };
};

export const writeDataUri = ({ mediaType, data }: InlineMedia): string => `data:${mediaType};base64,${data}`;
