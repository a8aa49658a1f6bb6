import { toolCallId } from './toolCallId.ts';

/** Longest id that OpenAI takes in a chat completion, in characters (vercel/ai#5171). */
const idLengthMax = 40;

/** Gives the calls of one conversation ids that this wire takes, each once, and the same ones each time the conversation is sent. */
export class CallIds {
  readonly #used = new Set<string>();

  assign(id: string): string {
    const fits = id !== '' && id.length <= idLengthMax && !this.#used.has(id);
    const assigned = fits ? id : this.#made(id);
    this.#used.add(assigned);
    return assigned;
  }

  #made(id: string): string {
    let attempt = 0;
    let made = toolCallId(id, attempt);
    while (this.#used.has(made)) {
      attempt += 1;
      made = toolCallId(id, attempt);
    }
    return made;
  }
}
