/** Nano-USD as Float64 US dollars: for steering and for people to look at, never booked. */
export const usdOf = (amount: bigint): number => Number(amount) / 1e9;
