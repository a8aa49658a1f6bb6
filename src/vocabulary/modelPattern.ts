/** Whether a pattern is about a model: it is its name, or the beginning of it and "*". */
export const isModelOf = (pattern: string, model: string): boolean =>
  pattern.endsWith('*') ? model.startsWith(pattern.slice(0, -1)) : model === pattern;
