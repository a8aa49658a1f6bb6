/** Shape of an answer or a body whose fields the route does not name. */
export const anyObject = { type: 'object', additionalProperties: true } as const;
