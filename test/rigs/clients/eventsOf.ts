/** One event of a stream, as a client reads it. */
export interface StreamEvent {
  /** Of the line `event:`; null where there is none. */
  readonly name: string | null;
  readonly data: string;
}

const eventOf = (block: string): StreamEvent | string | null => {
  let name: string | null = null;
  const data: string[] = [];
  for (const line of block.split('\n')) {
    if (line === '' || line.startsWith(':')) continue;
    if (line.startsWith('event:')) name = line.slice(6).trim();
    else if (line.startsWith('data:')) data.push(line.slice(5).trim());
    else return `a line that no event has: ${line.slice(0, 100)}`;
  }
  if (data.length > 0) return { name, data: data.join('\n') };
  return name === null ? null : `the event ${name} has no data`;
};

/** Cuts a stream into its events, comments left out; where it is none, says what is wrong with it. */
export const eventsOf = (text: string): readonly StreamEvent[] | string => {
  if (!text.endsWith('\n\n')) return `the stream ends inside an event: ${JSON.stringify(text.slice(-100))}`;
  const events: StreamEvent[] = [];
  for (const block of text.split('\n\n')) {
    const event = eventOf(block);
    if (typeof event === 'string') return event;
    if (event !== null) events.push(event);
  }
  return events;
};
