/** What may stand in JSON but not in PostgreSQL: the escape of the zero character, and halves of surrogate pairs. */
const suspicious = /\\u0000|\\ud[89a-f]/i;

const cleanText = (text: string): string => text.replaceAll('\0', '\ufffd').toWellFormed();

/** Gives a record's JSON as PostgreSQL can hold it: what no text column can store becomes the replacement character. */
export const cleanRecord = (payload: string): string =>
  // Most records hold no escape of this kind at all, which is found out much faster.
  payload.includes('\\u') && suspicious.test(payload)
    ? JSON.stringify(
        JSON.parse(payload, (_key, value: unknown) => (typeof value === 'string' ? cleanText(value) : value)),
      )
    : payload;

const escape = Buffer.from('\\u');

/** The same for its bytes. */
export const cleanBytes = (payload: Buffer): Buffer =>
  payload.includes(escape) ? Buffer.from(cleanRecord(payload.toString())) : payload;
