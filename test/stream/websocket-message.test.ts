import { PassThrough, type Writable } from 'node:stream'
import { expect, it } from 'vitest'
import * as ws from 'ws'
import { binaryMessage, PING, textMessage } from '../../src/stream/websocket-message.ts'

/** Not in its types. */
const { Receiver } = ws as unknown as { Receiver: new (options: object) => Writable }

/** What ws makes of these bytes. */
async function received(bytes: Buffer): Promise<(string | Buffer)[]> {
  const receiver = new Receiver({ isServer: false })
  const messages: (string | Buffer)[] = []
  receiver.on('message', (data: Buffer, isBinary: boolean) => messages.push(isBinary ? data : data.toString()))
  receiver.on('ping', (data: Buffer) => messages.push(`ping ${data.length}`))
  const through = new PassThrough()
  through.pipe(receiver)
  through.end(bytes)
  await new Promise(resolve => receiver.once('finish', resolve))
  return messages
}

it.each([0, 1, 125, 126, 127, 65_535, 65_536, 200_000])('a message of %i bytes is read by others', async length => {
  const bytes = Buffer.from(Uint8Array.from({ length }, (_, i) => i))
  expect(await received(binaryMessage(bytes))).toEqual([bytes])
  expect(await received(textMessage('ü'.repeat(length)))).toEqual(['ü'.repeat(length)])
})

it('messages follow each other in one buffer', async () => {
  expect(await received(Buffer.concat([textMessage('one'), PING, textMessage('two')]))).toEqual([
    'one',
    'ping 0',
    'two',
  ])
})
