/** Most that is kept in memory of one answer while it is read or written, in characters: of the arguments of all its calls, and of all its words. */
export const answerLengthMax = 32 * 1024 * 1024;
