// A message as it goes over the wire (RFC 6455, section 5.2), made once for all viewers: header and content in one buffer.

const TEXT = 0x81
const BINARY = 0x82

/** An empty ping. */
export const PING = Buffer.from([0x89, 0])

export function textMessage(text: string): Buffer {
  const length = Buffer.byteLength(text)
  const message = allocate(TEXT, length)
  message.write(text, message.length - length, 'utf8')
  return message
}

/** `bytes` are copied. */
export function binaryMessage(bytes: Uint8Array): Buffer {
  const message = allocate(BINARY, bytes.length)
  message.set(bytes, message.length - bytes.length)
  return message
}

function allocate(kind: number, length: number): Buffer {
  const header = length < 126 ? 2 : length < 0x10000 ? 4 : 10
  // From its own memory: a message may wait long for a slow viewer and would keep a whole shared slab alive.
  const message = Buffer.allocUnsafeSlow(header + length)
  message[0] = kind
  if (header === 2) message[1] = length
  else if (header === 4) {
    message[1] = 126
    message.writeUInt16BE(length, 2)
  } else {
    message[1] = 127
    message.writeBigUInt64BE(BigInt(length), 2)
  }
  return message
}
