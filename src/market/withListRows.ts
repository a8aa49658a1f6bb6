import {
  priceListColumns,
  priceListLines,
  textIn,
  type PriceListCells,
  type PriceListColumn,
} from './priceListLines.ts';

/** The first line of a list that has no row yet. */
export const emptyPriceList = 'vendor,model\n';

const endOf = (csvText: string): string => (csvText.includes('\r\n') ? '\r\n' : '\n');

/** What is added to a line so that it has these columns as well: empty cells, after those that it has. */
const widened = (csvText: string, missing: readonly PriceListColumn[]): string => {
  if (missing.length === 0) return csvText;
  const end = endOf(csvText);
  return csvText
    .split(/\r?\n/)
    .map((line, index) => {
      if (index === 0) return [line, ...missing].join(',');
      return line.trim() === '' ? line : `${line}${','.repeat(missing.length)}`;
    })
    .join(end);
};

/**
 * A list with rows behind those that it has, which stay as they are; columns that it lacks stand behind its own.
 * @param csvText A list that can be read.
 */
export const withListRows = (csvText: string, rows: readonly PriceListCells[]): string => {
  const read = priceListLines(csvText);
  if (!read.ok) throw new RangeError(`line ${read.fault.line}: ${read.fault.message}`);
  if (rows.length === 0) return csvText;
  const missing = priceListColumns.filter(
    (column) => !read.value.columns.includes(column) && rows.some((cells) => textIn(cells, column) !== ''),
  );
  const columns = [...read.value.columns, ...missing];
  const end = endOf(csvText);
  const whole = widened(csvText, missing);
  const lines = rows.map((cells) => columns.map((column) => textIn(cells, column)).join(','));
  return `${whole}${whole.endsWith('\n') ? '' : end}${lines.join(end)}${end}`;
};
