const units = ['bytes', 'kB', 'MB', 'GB', 'TB'] as const;

/** A size for people: "4197 bytes", "12.8 kB", "1.3 GB". */
export const sizeText = (bytes: number): string => {
  let size = bytes;
  let unit = 0;
  while (size >= 10_000 && unit < units.length - 1) {
    size /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(size < 100 ? 1 : 0)} ${units[unit]}`;
};
