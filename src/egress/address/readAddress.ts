/** The four bytes of an IPv4 address as four decimal numbers, or null. */
const readIpv4 = (text: string): readonly number[] | null => {
  const parts = text.split('.');
  const isWhole = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  return isWhole ? parts.map(Number) : null;
};

const bytesOfGroups = (half: string): readonly number[] | null => {
  if (half === '') return [];
  const groups = half.split(':');
  if (!groups.every((group) => /^[\da-f]{1,4}$/i.test(group))) return null;
  return groups.flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
};

/** A dotted end (::ffff:127.0.0.1) as two groups more. */
const withoutDots = (text: string): string | null => {
  const lastColon = text.lastIndexOf(':');
  const end = text.slice(lastColon + 1);
  if (!end.includes('.')) return text;
  const ipv4 = readIpv4(end);
  if (ipv4 === null) return null;
  const [a = 0, b = 0, c = 0, d = 0] = ipv4;
  return `${text.slice(0, lastColon + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};

const readIpv6 = (text: string): readonly number[] | null => {
  const plain = withoutDots(text);
  if (plain === null) return null;
  const [head = '', tail, ...more] = plain.split('::');
  const left = bytesOfGroups(head);
  const right = tail === undefined ? [] : bytesOfGroups(tail);
  if (more.length > 0 || left === null || right === null) return null;
  const missing = 16 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return null;
  return [...left, ...Array.from({ length: missing }, () => 0), ...right];
};

/** The 4 or 16 bytes of an IP address as resolvers and URLs write it, without its zone; null where it is none. */
export const readAddress = (text: string): Uint8Array | null => {
  const [bare = ''] = text.split('%');
  const bytes = bare.includes(':') ? readIpv6(bare) : readIpv4(bare);
  return bytes === null ? null : Uint8Array.from(bytes);
};
