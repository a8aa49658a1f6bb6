/**
 * Whether a request begins or goes on with an upload in parts for which a vendor gives an address of its own (ai.google.dev/api/files, "resumable"): what
 * follows would go there with a credential that its client has not.
 * @param headers Lower-case names. @param query With its "?", or empty.
 */
export const isUploadInParts = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  query: string,
): boolean => {
  const protocol = headers['x-goog-upload-protocol'];
  return (
    headers['x-goog-upload-command'] !== undefined ||
    (typeof protocol === 'string' && protocol.toLowerCase() === 'resumable') ||
    /[?&;]upload_?(?:type|protocol)=resumable(?:[&;]|$)/i.test(query)
  );
};
