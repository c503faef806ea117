// Float32 numbers as text that a page can hold: little-endian bytes in base64, in Node.js and in browsers alike.

export function textOf(numbers: Float32Array): string {
  const bytes = new Uint8Array(4 * numbers.length)
  const view = new DataView(bytes.buffer)
  numbers.forEach((value, i) => void view.setFloat32(4 * i, value, true))
  let characters = ''
  for (const byte of bytes) characters += String.fromCharCode(byte)
  return btoa(characters)
}

export function floatsOf(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), character => character.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}
