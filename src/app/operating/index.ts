// What an operator does beside the server: written, looked at, kept and gathered without it.
export { adopt } from '../adopt/adopt.ts';
export { backUp } from '../backup/backUp.ts';
export { restore } from '../backup/restore.ts';
export { examine } from '../doctor/examine.ts';
export { knownVendors } from '../firstConfiguration/firstConfiguration.ts';
export { modelsOnOffer, writeFirstConfiguration } from '../firstConfiguration/writeFirstConfiguration.ts';
export { writeBundle } from '../supportBundle/writeBundle.ts';
