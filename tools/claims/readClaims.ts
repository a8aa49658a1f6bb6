/** One thing that the program is said to do, with how to see it. In README.md only id and line are there. */
export interface Claim {
  /** "C3". */
  readonly id: string;
  /** From 1. */
  readonly line: number;
  readonly command: string;
  /** "test/e2e/failover.ci.test.ts › name of the test". */
  readonly test: string;
}

const heading = /^(#+)\s+(.*?)\s*$/;
const claimsHeading = 'what it does today';

interface Item {
  readonly line: number;
  readonly text: string;
}

/** List items under "What it does today", their continued lines joined. */
const claimItems = (readme: string): Item[] => {
  const items: { line: number; text: string }[] = [];
  let depth = 0;
  for (const [index, line] of readme.split('\n').entries()) {
    const [, marks = '', title = ''] = heading.exec(line) ?? [];
    if (marks !== '' && (depth === 0 || marks.length <= depth))
      depth = title.toLowerCase() === claimsHeading ? marks.length : 0;
    else if (depth > 0 && /^\s*([-*+]|\d+\.)\s/.test(line)) items.push({ line: index + 1, text: line.trim() });
    else if (depth > 0 && /^\s+\S/.test(line) && items.length > 0) {
      const last = items.at(-1);
      if (last) last.text += ` ${line.trim()}`;
    }
  }
  return items;
};

/** The claims of README.md, and the lines of those without an id at their end. One line may make several: "[C3] [C4]". */
export const readmeClaims = (readme: string): { claims: Claim[]; withoutId: number[] } => {
  const claims: Claim[] = [];
  const withoutId: number[] = [];
  for (const { line, text } of claimItems(readme)) {
    const ids = /((?:\s*\[C\d+\])+)$/.exec(text)?.[1]?.match(/C\d+/g) ?? [];
    if (ids.length === 0) withoutId.push(line);
    claims.push(...ids.map((id) => ({ id, line, command: '', test: '' })));
  }
  return { claims, withoutId };
};

const cellsOf = (line: string): string[] =>
  line
    .trim()
    .replace(/^\||\|$/g, '')
    .split(/(?<!\\)\|/)
    .map((cell) => cell.replaceAll('\\|', '|').trim());

const withoutTicks = (cell: string): string => cell.replaceAll('`', '').trim();

/**
 * Rows of docs/claims.md: | C3: the claim | command | file › test |.
 * A claim proven by several tests has several rows under its id, and needs them all.
 */
export const claimRows = (table: string): Claim[] =>
  table.split('\n').flatMap((line, index) => {
    const [claim = '', command = '', test = ''] = line.startsWith('|') ? cellsOf(line) : [];
    const id = /^\[?(C\d+)\]?[:.\s]/.exec(`${claim} `)?.[1];
    return id ? [{ id, line: index + 1, command: withoutTicks(command), test: withoutTicks(test) }] : [];
  });
