/** Parameters that change nothing in the answer: how usage is told, how caches are found, whom an abuse report is about. */
export const hints: ReadonlySet<string> = new Set([
  'stream_options',
  'prompt_cache_key',
  'prompt_cache_retention',
  'safety_identifier',
  'user',
]);
