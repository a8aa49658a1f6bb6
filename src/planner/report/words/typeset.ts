/** French sets some signs off by a space at which no line breaks. Values are left as they are. */
export const typeset = (pieces: TemplateStringsArray, ...values: readonly string[]): string =>
  pieces.map((piece, index) => piece.replace(/ (?=[:;?!»%])|(?<=«) /g, '\u00a0') + (values[index] ?? '')).join('');
