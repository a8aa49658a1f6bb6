import { expect, test } from 'vitest';
import { LogSink } from './LogSink.ts';

const open = (): { readonly sink: LogSink; readonly place: { room: number; text: string } } => {
  const place = { room: Infinity, text: '' };
  const take = (bytes: Uint8Array): number => {
    if (place.room === 0) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    const taken = Math.min(bytes.length, place.room);
    place.room -= taken;
    place.text += Buffer.from(bytes.subarray(0, taken)).toString();
    return taken;
  };
  return { sink: new LogSink(take, (lines) => `${lines} lost\n`), place };
};

test('a place that takes nothing ends nobody, and what it lost is told when it takes lines again', () => {
  const { sink, place } = open();
  sink.write('one\n');
  place.room = 0;
  sink.write('two\n');
  sink.write('three\n');
  place.room = Infinity;
  sink.write('four\n');
  sink.write('five\n');
  expect(place.text).toBe('one\n2 lost\nfour\nfive\n');
});

test('a line of which a part was taken is lost, and the next one begins on a line of its own', () => {
  const { sink, place } = open();
  place.room = 2;
  sink.write('one\n');
  sink.write('two\n');
  place.room = Infinity;
  sink.write('three\n');
  expect(place.text).toBe('on\n2 lost\nthree\n');
});
