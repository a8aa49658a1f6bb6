/** Nano-USD as Float64 US dollars, for steering. */
export const usdOf = (amount: bigint): number => Number(amount) / 1e9;
