/** Names that clients use for a registered media type. */
const registeredTypes: Readonly<Record<string, string>> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'image/x-png': 'image/png',
  'audio/mp3': 'audio/mpeg',
  'audio/x-wav': 'audio/wav',
  'audio/wave': 'audio/wav',
};

/** The registered name of a media type as a client wrote it: in small letters, without parameters. */
export const mediaTypeOf = (written: string): string => {
  const mediaType = (written.split(';', 1)[0] ?? '').trim().toLowerCase();
  return Object.hasOwn(registeredTypes, mediaType) ? (registeredTypes[mediaType] ?? mediaType) : mediaType;
};
