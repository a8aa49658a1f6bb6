/** A share from 0 to 1 as a percentage. */
export const percent = (share: unknown): string => (typeof share === 'number' ? `${(share * 100).toFixed(1)} %` : '-');
