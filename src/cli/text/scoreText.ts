/** A cost that was expected or compared, in dollars to the millionth: Float64, never booked. */
export const scoreText = (usd: unknown): string =>
  typeof usd === 'number' ? `${usd < 0 ? '-' : ''}$${Math.abs(usd).toFixed(6)}` : '-';
