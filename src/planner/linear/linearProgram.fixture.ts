export { LinearProgram, type LinearRow } from './LinearProgram.ts';
export { LiveProgram } from './LiveProgram.ts';
export { loadHighs } from './loadHighs.ts';
