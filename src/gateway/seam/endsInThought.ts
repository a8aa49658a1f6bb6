const names = 'think|thinking|reasoning';
const tag = new RegExp(`<(/?)(?:${names})>`, 'gi');
const openings = names.split('|').map((name) => `<${name}>`);

/** Whether a text ends before what it thinks does: models exist that write that between tags, as words of the answer, and relays that leave it there. */
export const endsInThought = (text: string): boolean => {
  const begun = text.trim().toLowerCase();
  if (openings.some((opening) => opening.startsWith(begun))) return true;
  return [...text.matchAll(tag)].at(-1)?.[1] === '';
};
