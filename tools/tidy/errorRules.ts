import ts from 'typescript';
import type { Fault, Rule } from './Rule.ts';
import type { Source } from './Source.ts';

interface CodeRow {
  readonly code: string;
  readonly source: Source;
  readonly node: ts.Node;
}

const isTable = (node: ts.Node): node is ts.CallExpression =>
  ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === 'defineErrors';

const rowsOf = (source: Source, table: ts.CallExpression): CodeRow[] => {
  const [rows] = table.arguments;
  if (!rows || !ts.isObjectLiteralExpression(rows)) return [];
  return rows.properties.flatMap((node) =>
    node.name && (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name))
      ? [{ code: node.name.text, source, node }]
      : [],
  );
};

const tablesOf = (source: Source): ts.CallExpression[] => [...source.nodes()].filter(isTable);

const fault = (source: Source, node: ts.Node, what: string): Fault => ({
  file: source.path,
  line: source.lineOf(node),
  what,
});

const programs = (sources: readonly Source[]): Source[] =>
  sources.filter(
    (source) => source.isCode && !source.isTest && source.room !== null && source.text.includes('defineErrors'),
  );

export const errorRules: readonly Rule[] = [
  {
    name: 'error-code',
    cure: 'give each error one code of its own, in lower_snake_case: clients and the reference know it by that',
    *find(sources) {
      const first = new Map<string, string>();
      for (const source of programs(sources))
        for (const row of tablesOf(source).flatMap((table) => rowsOf(source, table))) {
          const place = `${source.path}:${source.lineOf(row.node)}`;
          if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(row.code)) yield fault(source, row.node, `odd code "${row.code}"`);
          const earlier = first.get(row.code);
          if (earlier) yield fault(source, row.node, `the code "${row.code}" stands in ${earlier} too`);
          else first.set(row.code, place);
        }
    },
  },
  {
    name: 'error-table',
    cure: "keep the rows in the room's errors.ts, as an object written out in defineErrors({ ... }): the reference is made of them",
    *find(sources) {
      for (const source of programs(sources))
        for (const table of tablesOf(source)) {
          if (source.stem !== 'errors') yield fault(source, table, 'error rows outside an errors.ts');
          else if (rowsOf(source, table).length === 0) yield fault(source, table, 'no row can be read from this table');
        }
    },
  },
];
