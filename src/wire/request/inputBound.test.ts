import { describe, expect, test } from 'vitest';
import { clientWires } from '../index.ts';

const boundOf = (wire: string, body: object): number | null => {
  const bytes = Buffer.from(JSON.stringify(body));
  const words = wire === 'gemini' ? { model: 'm', stream: false } : null;
  const read = clientWires.get(wire)!.readRequest(bytes, 'generate', undefined, words);
  if (!read.ok) throw new Error(read.fault.message);
  const { inputBoundTokens } = read.value;
  return inputBoundTokens === null ? null : inputBoundTokens - bytes.length;
};

const chat = (...content: object[]): object => ({ model: 'm', messages: [{ role: 'user', content }] });
const messages = (...content: object[]): object => ({ ...chat(...content), max_tokens: 10 });
const responses = (...content: object[]): object => ({ model: 'm', input: [{ role: 'user', content }] });
const gemini = (...parts: object[]): object => ({ contents: [{ role: 'user', parts }] });

const png = 'data:image/png;base64,iVBORw0KGgo=';
const image = { type: 'image_url', image_url: { url: png } };
const source = { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' };
const pdf = { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' };
const inline = (mimeType: string): object => ({ inlineData: { mimeType, data: 'AAAA' } });
const most = 48_169;

describe('the most that a body can be billed for going in', () => {
  test.each([
    ['openai', chat({ type: 'text', text: 'hi' }), 0],
    ['openai', chat(image), 1],
    ['openai', chat(image, image, image), 3],
    ['anthropic', messages({ type: 'image', source }, { type: 'image', source }), 2],
    ['responses', responses({ type: 'input_image', image_url: png }), 1],
    ['gemini', gemini(inline('image/png'), inline('image/jpeg')), 2],
  ])('is its bytes, and what an image costs at most, on the wire %s', (wire, body, images) => {
    expect(boundOf(wire, body)).toBe(1_024 + images * most);
  });

  test('counts an image whose type has its slash escaped', () => {
    const bytes = Buffer.from(JSON.stringify(chat(image, image)).replaceAll('image/', 'image\\/'));
    const read = clientWires.get('openai')!.readRequest(bytes, 'generate');
    expect(read).toMatchObject({ value: { inputBoundTokens: bytes.length + 1_024 + 2 * most } });
  });

  test.each([
    [
      'a PDF',
      'openai',
      chat({ type: 'file', file: { filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } }),
    ],
    ['a PDF', 'anthropic', messages({ type: 'document', source: pdf })],
    [
      'a PDF',
      'responses',
      responses({ type: 'input_file', filename: 'a.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' }),
    ],
    ['a PDF', 'gemini', gemini(inline('application/pdf'))],
    ['sound', 'openai', chat({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'mp3' } })],
    ['sound', 'gemini', gemini(inline('audio/mp3'))],
    ['video', 'gemini', gemini(inline('video/mp4'))],
  ])('is what the model can read where it shows %s, on the wire %s', (_, wire, body) => {
    expect(boundOf(wire, body)).toBeNull();
  });
});
