// C0 and C1 controls (line ends, ANSI escapes), the Unicode line separators, and the marks that turn the direction of text around or
// are invisible: each could make one line look like two, or like another.
const unsafe = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Writes every character that could forge a line, or paint on a terminal, as \uXXXX. Inside JSON strings the meaning stays the same. */
export const escapeControls = (text: string): string => text.replace(unsafe, escaped);
