// Checksums in a safetensors file: one for each tensor, and one for the header that names them, so that no byte can change unnoticed.
import { createHash } from 'node:crypto'

/** SHA-256 of bytes that come piece by piece, in hexadecimal. */
export function digestOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

/** What stands in the metadata until the header is sealed: the digest is that of the header with these in its place. */
export const unsealed = '0'.repeat(64)

/** Writes a header's digest into it. `header`: all bytes before the first tensor, with `unsealed` at `seal`. */
export function sealHeader(header: Buffer): void {
  header.write(digestOf([header]), placeOf(header, unsealed)!)
}

/** Whether a header is as it was when it was sealed with this digest. */
export function isIntact(header: Buffer, seal: string): boolean {
  const copy = Buffer.from(header)
  const place = placeOf(copy, seal)
  if (seal.length !== unsealed.length || place === null) return false
  copy.write(unsealed, place)
  return digestOf([copy]) === seal
}

function placeOf(header: Buffer, seal: string): number | null {
  const before = '"seal":"'
  const at = header.indexOf(`${before}${seal}"`)
  return at < 0 ? null : at + before.length
}
