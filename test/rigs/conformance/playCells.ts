import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ConformanceRig } from './ConformanceRig.ts';
import { clients, skipsOf, vendors } from './matrix.ts';
import { runCell, runSkipped, type Cell } from './runCell.ts';

/** Declares a test for each of these squares, which passes; where it is skipped for a reason, what stands in its place does. */
export const playCells = (cells: readonly Cell[]): void => {
  let rig: ConformanceRig;
  beforeAll(async () => {
    rig = await ConformanceRig.open();
  });
  afterAll(() => rig[Symbol.asyncDispose]());

  describe.each(clients)('a client of $name', (client) => {
    describe.each(vendors)('at a vendor of $name', (vendor) => {
      const own = cells.filter((cell) => cell.client === client && cell.vendor === vendor);

      it.each(own.map((cell) => [cell.scenario.name, cell.stream, cell] as const))(
        '%s, streamed: %s',
        async (_name, _stream, cell) => {
          const [skip] = skipsOf(cell);
          const complaints = await (skip === undefined ? runCell(rig, cell) : runSkipped(rig, cell, skip.instead));
          expect(complaints.join('\n')).toBe('');
        },
      );
    });
  });
};
