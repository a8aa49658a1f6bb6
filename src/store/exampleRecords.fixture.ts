// The examples of this room, for whoever measures it from outside.
export { exampleFinal, exampleIntent, exampleRequest, machineClock } from './exampleRecords.ts';
