const dollars = new Intl.NumberFormat('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const smallDollars = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 });
const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

/** "$12.30"; three figures below a cent. */
export const usdWords = (usd: number): string => {
  const size = Math.abs(usd);
  const written = size !== 0 && size < 0.01 ? smallDollars.format(size) : dollars.format(size);
  return `${usd < 0 ? '-' : ''}$${written}`;
};

/** "2.5 h", "12 min", "36 s". */
export const hoursWords = (hours: number): string => {
  if (hours >= 1) return `${oneDecimal.format(hours)} h`;
  const minutes = hours * 60;
  return minutes >= 1 ? `${oneDecimal.format(minutes)} min` : `${oneDecimal.format(minutes * 60)} s`;
};
