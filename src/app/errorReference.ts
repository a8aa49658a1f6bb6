import { gatewayErrors } from '../gateway/index.ts';
import { controlErrors, dataPlaneErrors, listenerErrors } from '../http/index.ts';
import { assert, type ErrorRow, type ErrorTable } from '../kernel/index.ts';
import { sandboxErrors } from '../sandbox/index.ts';
import { storeErrors } from '../store/index.ts';
import { appErrors } from './errors.ts';

type Tables = readonly (readonly [title: string, table: ErrorTable])[];

/** The tables in the order of the reference. The first holds those of the rooms below the gateway. */
const allTables = async (): Promise<Tables> => [
  ['Data plane', { ...gatewayErrors, ...dataPlaneErrors }],
  ['Control plane', controlErrors],
  ['Both listeners', listenerErrors],
  ['Start and store', { ...appErrors, ...storeErrors }],
  // Loaded when it is asked for: who serves has no use for the planner.
  ['Plan', (await import('../planner/index.ts')).plannerErrors],
  ['Sandbox', sandboxErrors],
];

/** One part of the reference: who answers so, and its codes. */
export interface ErrorChapter {
  readonly title: string;
  readonly rows: readonly (readonly [code: string, row: ErrorRow])[];
}

/** Every error code of the program. A code that stands for two things stops whoever asks. */
export const errorReference = async (chapters?: Tables): Promise<readonly ErrorChapter[]> => {
  const known = new Map<string, ErrorRow>();
  return (chapters ?? (await allTables())).map(([title, table]) => {
    const rows = Object.entries(table).filter(([code, row]) => {
      const other = known.get(code);
      assert(other === undefined || other === row, `the error code ${code} means one thing`);
      known.set(code, row);
      return other === undefined;
    });
    return { title, rows };
  });
};
