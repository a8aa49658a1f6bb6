/** How answers begin that apologise, refuse, or speak about going on instead of doing so: in the languages in which models mostly answer. */
const openings = [
  /i(?:'|’)?\s?a?m (?:so |very |really |truly )?(?:sorry|afraid|unable|not able)/,
  /(?:my )?(?:sincere )?apolog(?:y|ies|ize|ise)/,
  /i (?:must |do |sincerely )?apologi[sz]e/,
  /(?:so )?sorry\b/,
  /(?:unfortunately,? )?i (?:cannot|can(?:'|’)t|can not|won(?:'|’)t|will not|am unable|must decline|have to decline)/,
  /as an? (?:ai|language model|assistant)\b/,
  /(?:sure|certainly|of course|absolutely|okay|ok|alright)[,!.:]? (?:here|i|let|continuing|this)\b/,
  /(?:sure|certainly|of course|absolutely)!/,
  /(?:here(?:'|’)?s?|here is) the (?:rest|continuation|remainder)/,
  /(?:let me |i(?:'|’)ll |i will )?continu(?:e|ing) (?:from |where |with |exactly )/,
  /(?:es tut mir leid|leider kann ich|entschuldigung|ich kann (?:dabei|das|ihnen|dir) )/,
  /(?:je suis désolée?|désolée?\b|malheureusement|je ne peux pas)/,
  /(?:lo siento|lamento|disculpa|no puedo )/,
  /(?:mi dispiace|purtroppo|non posso )/,
  /(?:desculpe|sinto muito|infelizmente|não posso )/,
  /(?:het spijt me|helaas kan ik)/,
  /(?:извините|к сожалению|я не могу)/,
  /(?:抱歉|对不起|很遗憾|我无法|我不能|申し訳|すみません|ごめんなさい|죄송)/,
];

const pattern = new RegExp(`^(?:${openings.map(({ source }) => source).join('|')})`, 'u');

/** Whether a text begins as those do that are no answer, or not the rest of one. */
export const beginsAsNoAnswer = (text: string): boolean => pattern.test(text.trimStart().slice(0, 200).toLowerCase());
