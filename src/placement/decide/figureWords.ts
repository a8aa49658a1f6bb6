// Without Intl, whose tables take six megabytes of a gateway that may never place a job.

/** "12,345.6" of "12345.6". */
const grouped = (figures: string): string => {
  const [whole = '', fraction] = figures.split('.');
  const groups = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? groups : `${groups}.${fraction}`;
};

/** Three figures that say something: "0.00123". */
const threeFigures = (size: number): string => {
  const digits = Math.min(20, 2 - Math.floor(Math.log10(size)));
  return size.toFixed(digits).replace(/\.?0+$/, '');
};

const oneDecimal = (size: number): string => grouped(size.toFixed(1).replace(/\.0$/, ''));

/** "$12.30"; three figures below a cent. */
export const usdWords = (usd: number): string => {
  const size = Math.abs(usd);
  const written = size !== 0 && size < 0.01 ? threeFigures(size) : grouped(size.toFixed(2));
  return `${usd < 0 ? '-' : ''}$${written}`;
};

/** "2.5 h", "12 min", "36 s". */
export const hoursWords = (hours: number): string => {
  if (hours >= 1) return `${oneDecimal(hours)} h`;
  const minutes = hours * 60;
  return minutes >= 1 ? `${oneDecimal(minutes)} min` : `${oneDecimal(minutes * 60)} s`;
};
