/** Shape of a path that ends in a name. */
export const nameParameters = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string', minLength: 1, maxLength: 128 } },
} as const;
