/**
 * What the vendor's documents give for calls that its model did not make, or whose signature is lost: models that check the calls of the running turn take it
 * ("Function call is missing a thought_signature"). Source: ai.google.dev/gemini-api/docs/thought-signatures, "FAQs".
 */
export const noSignature = 'skip_thought_signature_validator';
