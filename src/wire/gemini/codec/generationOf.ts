/**
 * Which generation of models a name is of. From the third on they want signatures back, think by levels and take tools together with a form of the answer.
 * A name that says no number ("gemini-flash-latest") is one of the newest.
 */
export const generationOf = (model: string): number => {
  const number = /gemini-(\d+)/i.exec(model)?.[1];
  if (number !== undefined) return Number(number);
  return /gemini|\bmodels\/[a-z]+-latest/i.test(model) ? newest : oldest;
};

const newest = 3;
/** Open models behind the same API (Gemma, LearnLM) know none of it. */
const oldest = 2;
