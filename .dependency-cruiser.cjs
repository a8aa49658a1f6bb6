// The rules live in TypeScript beside their tests; this file lets `npx depcruise src` and editors find them.
module.exports = require('./tools/layers/layerRules.ts').layerRules;
