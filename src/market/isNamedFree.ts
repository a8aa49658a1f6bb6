/** Offers whose name says that they cost nothing. A bare 0 elsewhere means "not per token", "on trial" or "we do not know". */
export const isNamedFree = (model: string): boolean => model.endsWith(':free') || model.endsWith('/free');
