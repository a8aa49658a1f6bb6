/** The first value of a header, or "" where there is none. Names in lower case. */
export const headerText = (
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  name: string,
): string => {
  const value = headers[name];
  return typeof value === 'string' ? value : (value?.[0] ?? '');
};
