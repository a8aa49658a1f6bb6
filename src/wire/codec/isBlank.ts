/** Whether a part is words without any: most vendors refuse those ("text content blocks must contain non-whitespace text"). */
export const isBlank = (part: { readonly type: string; readonly text?: string }): boolean =>
  part.text !== undefined && part.type !== 'thinking' && part.text.trim() === '';
