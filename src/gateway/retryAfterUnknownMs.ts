/** When to come back where only the database knows: a database that is away is asked again at least as often. */
export const retryAfterUnknownMs = 5_000;
