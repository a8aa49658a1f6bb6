import { headerText } from './headerText.ts';

/** Whether a header is for the next hop alone, since `Connection` names it (RFC 9110, 7.6.1). @param name In lower case. */
export const isForOneHop = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): boolean => {
  const connection = headerText(headers, 'connection');
  // Mostly it is one of two words, and no header is called so.
  if (connection === '' || connection === 'keep-alive' || connection === 'close') return false;
  return connection
    .toLowerCase()
    .split(/[\s,]+/)
    .includes(name);
};
