import type { MediaSource } from '../../../vocabulary/index.ts';

type InlineMedia = Extract<MediaSource, { type: 'base64' }>;

/** Names that clients use for a registered media type. */
const registeredTypes: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'audio/mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
};

const registered = (mediaType: string): string => registeredTypes[mediaType] ?? mediaType;

export const isDataUri = (text: string): boolean => text.slice(0, 5).toLowerCase() === 'data:';

/** Reads a `data:` URI (RFC 2397) of base64 with a media type; null where it is none. */
export const readDataUri = (uri: string): InlineMedia | null => {
  const comma = uri.indexOf(',');
  if (!isDataUri(uri) || comma === -1) return null;
  const [mediaType = '', ...parameters] = uri
    .slice(5, comma)
    .split(';')
    .map((word) => word.trim().toLowerCase());
  const data = uri.slice(comma + 1);
  if (!mediaType.includes('/') || parameters.at(-1) !== 'base64' || data === '') return null;
  return { type: 'base64', mediaType: registered(mediaType), data };
};

export const writeDataUri = ({ mediaType, data }: InlineMedia): string => `data:${mediaType};base64,${data}`;
