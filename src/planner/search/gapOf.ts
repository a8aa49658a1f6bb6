/** How far a plan is from its bound, as a share of its cost. Of nothing to pay, nothing is left to prove. */
export const gapOf = (upper: number, lower: number): number => (upper <= lower ? 0 : (upper - lower) / Math.abs(upper));
