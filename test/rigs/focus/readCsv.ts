import type { WrittenRow } from './focusFaults.ts';

const fieldsOf = (text: string): string[][] => {
  const rows: string[][] = [];
  let [row, field, quoted]: [string[], string, boolean] = [[], '', false];
  const endField = (): void => {
    row.push(field);
    field = '';
  };
  const endRow = (): void => {
    endField();
    rows.push(row);
    row = [];
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text.charAt(at);
    if (quoted && letter === '"' && text.charAt(at + 1) === '"') field += text.charAt(at++);
    else if (letter === '"') quoted = !quoted;
    else if (quoted) field += letter;
    else if (letter === ',') endField();
    else if (letter === '\n') endRow();
    else if (letter !== '\r') field += letter;
  }
  if (field !== '' || row.length > 0) endRow();
  return rows;
};

/** Reads comma-separated values with a header; the word `null` of examples reads as nothing. */
export const readCsv = (
  text: string,
): { readonly columns: readonly string[]; readonly rows: readonly WrittenRow[] } => {
  const [columns = [], ...rows] = fieldsOf(text);
  const named = rows.filter((row) => row.some((field) => field !== ''));
  const value = (field: string | undefined): string => (field === undefined || field === 'null' ? '' : field);
  return {
    columns,
    rows: named.map((row) => Object.fromEntries(columns.map((column, index) => [column, value(row[index])]))),
  };
};
