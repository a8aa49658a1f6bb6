// Every client's wire at every vendor's wire, streamed and not, in every scenario (docs/reference/conformance.md).
import { cells } from '../rigs/conformance/matrix.ts';
import { playCells } from '../rigs/conformance/playCells.ts';

playCells(cells);
