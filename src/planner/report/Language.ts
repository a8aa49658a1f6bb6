/** What a report can be written in. */
export const languages = ['en', 'fr'] as const;

export type Language = (typeof languages)[number];

export const isLanguage = (text: string): text is Language => languages.some((language) => language === text);
