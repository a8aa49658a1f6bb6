/** When to come back where nothing better is known. */
export const retryAfterUnstatedMs = 1_000;
