import type { Seal } from '../../vocabulary/index.ts';
import type { SealPlace } from './Codec.ts';
import { lettersOf } from './lettersOf.ts';

/** Letters and digits of a mark. Of 62^12 no two meet. */
export const markLetters = 12;

/** What bounds the meaning of a vendor's seals, beside their wire. */
interface Bounds {
  /** They mean something within the account, and the region, in which they were made. */
  readonly account: boolean;
  /** They mean something to the model that made them. */
  readonly model: boolean;
}

/**
 * Signatures of Claude, and thinking that only it reads: "`signature` values are compatible across platforms (Claude APIs, Amazon Bedrock, and Vertex AI)"
 * (platform.claude.com/docs, "Extended thinking"). What a model may not read, because another one or another account made it, is left out there "without an
 * error" ("Preserved thinking"): which ones those are is the vendor's to know.
 */
const claude: Bounds = { account: false, model: false };

/**
 * By wire; all others are bounded by both, since nobody says more of them.
 * Reasoning of OpenAI and Azure is encrypted for the account and the region ("The encrypted content ... could not be verified", `invalid_encrypted_content`:
 * openai/openai-agents-python#2063, anomalyco/opencode#29879), and agents change models under it (Codex). Of signatures of Gemini its documents promise nothing
 * beyond the model and the account that made them, and there are refusals after both ("Corrupted thought signature": google-gemini/gemini-cli#13467,
 * RooCodeInc/Roo-Code#10554).
 */
const boundsOfWire: ReadonlyMap<string, Bounds> = new Map([['responses', { account: true, model: false }]]);

const unknown: Bounds = { account: true, model: true };

/** Models of other makers that are asked in the words of the Messages API sign for themselves. */
const isClaude = (model: string): boolean => /(?:^|[^a-z])claude/i.test(model);

const boundsOf = ({ wire }: Seal, { model }: SealPlace): Bounds =>
  wire === 'anthropic' && isClaude(model) ? claude : (boundsOfWire.get(wire) ?? unknown);

/**
 * What is put beside a seal where it is handed out: the same for all who can open it, and others for those who cannot. It tells a client nothing of accounts,
 * and nobody has it for a seal that was changed.
 * @param place Where it was made, or where it is to be opened.
 */
export const sealMark = (seal: Seal, place: SealPlace): string => {
  const { account, model } = boundsOf(seal, place);
  const within = [account ? place.boundary : '', model ? place.model : ''];
  return lettersOf([...within, seal.wire, seal.id ?? '', seal.value], markLetters);
};

/** Whether a seal means something at a place, as far as it was marked: one that was not is known by its wire alone. */
export const opensAt = (seal: Seal, place: SealPlace): boolean =>
  seal.mark === undefined || seal.mark === sealMark(seal, place);
