/** What a firm can depend on too much. */
export type ShareDimension = 'vendor' | 'host' | 'jurisdiction' | 'lab';

export const shareDimensions = ['vendor', 'host', 'jurisdiction', 'lab'] as const;
