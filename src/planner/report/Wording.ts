import { figuresOf, type Figures } from './Figures.ts';
import type { Language } from './Language.ts';
import { english, type PlanWords } from './words/english.ts';
import { french } from './words/french.ts';
import { inFrench } from './words/inFrench.ts';

/** What a report is written with. */
export interface Wording {
  readonly language: Language;
  readonly words: PlanWords;
  readonly figures: Figures;
  /** Sentences that other parts of the planner wrote, in English: in this language where it has them, else as they are. */
  readonly told: (sentence: string) => string;
}

/** @param currency Of all amounts. */
export const wordingOf = (language: Language, currency: string): Wording => {
  const figures = figuresOf(language, currency);
  switch (language) {
    case 'en':
      return { language, words: english, figures, told: (sentence) => sentence };
    case 'fr':
      return { language, words: french, figures, told: (sentence) => inFrench(sentence) ?? sentence };
  }
};
