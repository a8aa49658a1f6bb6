/** Most conversations that are remembered; beyond them the oldest is forgotten. */
const rememberedMax = 20_000;
interface Held {
  readonly organisation: string;
  readonly holder: string;
}

/** Stands for the holder of what is another organisation's. No boundary is called so, so that no target is it. */
const foreign = 'of another organisation';

/** A longer id is a vendor's mistake, and not remembered. */
const idCharactersMax = 256;

/**
 * Which vendor's account holds which conversation, by the ids of its answers. What is not known here, because another process gave the answer or this one
 * has started since, is every holder's to say: a vendor that does not know an id refuses it.
 */
export class HeldConversations {
  readonly #holders = new Map<string, Held>();

  /** @param holder The boundary within which the id means something. */
  keep(organisation: string, id: string, holder: string): void {
    if (id.length > idCharactersMax) return;
    this.#holders.delete(id);
    if (this.#holders.size >= rememberedMax) {
      const oldest = this.#holders.keys().next();
      if (oldest.done !== true) this.#holders.delete(oldest.value);
    }
    this.#holders.set(id, { organisation, holder });
  }

  /** Who holds the answer with this id, or null where that is not known; nobody whom there is where it was given to another organisation. */
  holderOf(organisation: string, id: string): string | null {
    const held = this.#holders.get(id);
    if (held === undefined) return null;
    return held.organisation === organisation ? held.holder : foreign;
  }
}
