import type pg from 'pg';

// What `pg` sends it first writes into memory that it opens for each message and outgrows several times; of a value of a megabyte that is most of the work,
// and the garbage collector has to come for all of it.

/** Smaller values are better copied together. */
const largeBytes = 32 * 1024;

const isLarge = (value: unknown): value is Buffer => Buffer.isBuffer(value) && value.length >= largeBytes;

const int32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeInt32BE(value);
  return bytes;
};

const int16 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(2);
  bytes.writeInt16BE(value);
  return bytes;
};

/** Format codes of the protocol. */
const [textCode, binaryCode] = [int16(0), int16(1)];
const noBytes = int32(-1);
const terminator = Buffer.alloc(1);

const named = (name: string | undefined): Buffer => Buffer.concat([Buffer.from(name ?? ''), terminator]);

/** The message Bind in the order of its bytes (PostgreSQL 18, "Message Formats"); large values stand in it as they are. Results are asked for as text. */
const bindMessage = ({ portal, statement }: pg.BindConfig, values: readonly (Buffer | string | null)[]): Buffer[] => {
  const formats = values.map((value) => (Buffer.isBuffer(value) ? binaryCode : textCode));
  const written = values.flatMap((value) => {
    if (value === null) return [noBytes];
    const bytes = Buffer.isBuffer(value) ? value : Buffer.from(value);
    return [int32(bytes.length), bytes];
  });
  const body = [
    named(portal),
    named(statement),
    int16(values.length),
    ...formats,
    int16(values.length),
    ...written,
    int16(1),
    textCode,
  ];
  const length = body.reduce((sum, { length: bytes }) => sum + bytes, 4);
  return [Buffer.from('B'), int32(length), ...body];
};

/** As `pg` sends it: texts of numbers and lists, and what is bytes already. */
const mappedBy = ({ valueMapper }: pg.BindConfig, value: unknown, index: number): Buffer | string | null => {
  const mapped: unknown = Buffer.isBuffer(value) ? value : valueMapper?.(value, index);
  return typeof mapped === 'string' || Buffer.isBuffer(mapped) ? mapped : null;
};

/** Pieces joined, but for the large ones. */
const gathered = (pieces: readonly Buffer[]): readonly Buffer[] => {
  const runs: Buffer[] = [];
  let small: Buffer[] = [];
  const end = (): void => {
    if (small.length > 0) runs.push(Buffer.concat(small));
    small = [];
  };
  for (const piece of pieces) {
    if (!isLarge(piece)) {
      small.push(piece);
      continue;
    }
    end();
    runs.push(piece);
  }
  end();
  return runs;
};

/**
 * Has a connection send values of many bytes straight from where they stand: they must stay as they are until their statement has ended. Everything
 * else goes the way that `pg` has for it.
 */
export const sendLargeValues = (connection: pg.Connection): void => {
  const bind = connection.bind.bind(connection);
  connection.bind = (config, more) => {
    const values = config?.values ?? [];
    if (config === null || config.binary !== undefined || !values.some(isLarge)) return bind(config, more);
    const mapped = values.map((value, index) => mappedBy(config, value, index));
    for (const run of gathered(bindMessage(config, mapped))) connection.stream.write(run);
  };
};
