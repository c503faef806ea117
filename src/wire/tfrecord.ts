// The TFRecord frame around each message of an event file: length, message, and a checksum of each, so that a torn end is noticed.

const headerBytes = 12
const footerBytes = 4

/**
 * A record's bytes: u64 length, u32 masked CRC-32C of the length, the message, u32 masked CRC-32C of the message; all little endian
 * (TensorFlow, `core/lib/io/record_writer.h`).
 */
export function encodeRecord(message: Uint8Array): Uint8Array {
  const record = Buffer.alloc(headerBytes + message.length + footerBytes)
  record.writeBigUInt64LE(BigInt(message.length))
  record.writeUInt32LE(masked(crc32c(record.subarray(0, 8))), 8)
  record.set(message, headerBytes)
  record.writeUInt32LE(masked(crc32c(message)), headerBytes + message.length)
  return record
}

export interface WholeRecord {
  readonly message: Uint8Array
  /** Where the record ends in the file, in bytes. */
  readonly end: number
}

/** The whole records of a file, in order; they end before the first that is torn or damaged. */
export function* wholeRecords(file: Uint8Array): Generator<WholeRecord> {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  for (let at = 0; at + headerBytes + footerBytes <= bytes.length; ) {
    if (bytes.readUInt32LE(at + 8) !== masked(crc32c(bytes.subarray(at, at + 8)))) return
    const length = Number(bytes.readBigUInt64LE(at))
    const end = at + headerBytes + length + footerBytes
    if (end > bytes.length) return
    const message = bytes.subarray(at + headerBytes, end - footerBytes)
    if (bytes.readUInt32LE(end - footerBytes) !== masked(crc32c(message))) return
    yield { message, end }
    at = end
  }
}

/** CRC-32C (Castagnoli; RFC 3720, appendix B.4), a byte at a time. */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = remainders[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return ~crc >>> 0
}

/** What every byte leaves when it is divided by the reversed polynomial. */
const remainders = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? 0x82f63b78 ^ (rest >>> 1) : rest >>> 1
  return rest
})

/** A checksum of data that holds checksums says little, so records store it turned and moved. */
function masked(crc: number): number {
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
