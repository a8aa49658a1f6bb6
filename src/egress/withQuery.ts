/** A path with what is to stand in its query, beside what stands there; an empty text adds nothing. */
export const withQuery = (path: string, ...queries: readonly string[]): string => {
  const query = queries.filter((one) => one !== '').join('&');
  return query === '' ? path : `${path}${path.includes('?') ? '&' : '?'}${query}`;
};
