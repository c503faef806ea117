// The key of a run: what it seals opens by its public half, as what it was said, and as nothing else.
import { generateKeyPairSync } from 'node:crypto'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRunKey, runKeyFrom, unsealing } from '../../src/remote/run-key.ts'

const key = createRunKey()
const open = unsealing(key.publicKey).open

it('opens what was sealed for the same purpose, whatever it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.string(), (payload, purpose) => {
      expect([...open(purpose, key.seal(purpose, payload))]).toEqual([...payload])
    }),
    { numRuns: 50 },
  )
  // From the file that the learner keeps.
  const kept = runKeyFrom(key.pem, 'run-key.pem')
  expect(kept.publicKey).toBe(key.publicKey)
  expect(open('a', kept.seal('a', Uint8Array.of(1)))).toEqual(Buffer.of(1))
})

it('refuses another purpose, and a purpose that goes on into the payload', () => {
  const sealed = key.seal('weights of 1', Buffer.from('payload'))
  for (const purpose of ['manifest', 'ticket of 1', 'weights of 2', 'weights of 1\0', 'weights of ', ''])
    expect(() => open(purpose, sealed)).toThrow(`${purpose}: not signed by the run's key`)
  // The same bytes in all, cut elsewhere.
  const signature = sealed.subarray(0, 64)
  expect(() => open('weights of 1\0pay', Buffer.concat([signature, Buffer.from('load')]))).toThrow(TypeError)
})

it('refuses every changed, missing and added byte, and the signature of another key', () => {
  const sealed = key.seal('manifest', Buffer.from('{"protocol":1}'))
  for (let at = 0; at < sealed.length; at++) {
    const changed = Buffer.from(sealed)
    changed[at]! ^= 1 << (at % 8)
    expect(() => open('manifest', changed), `byte ${at}`).toThrow(TypeError)
    expect(() => open('manifest', sealed.subarray(0, at)), `${at} bytes`).toThrow(TypeError)
  }
  expect(() => open('manifest', Buffer.concat([sealed, Buffer.of(0)]))).toThrow(TypeError)
  expect(() => open('manifest', createRunKey().seal('manifest', Buffer.from('{"protocol":1}')))).toThrow(TypeError)
})

it('refuses what is no key', () => {
  const { publicKey } = key
  // The last of 43 characters carries four bits: three others would say the same key.
  const last = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.indexOf(publicKey[42]!)
  const twin = publicKey.slice(0, 42) + 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[last ^ 1]
  for (const text of ['', publicKey.slice(1), `${publicKey}A`, `${publicKey.slice(0, 42)}=`, twin, key.pem])
    expect(() => unsealing(text), text).toThrow(/^--run-key: expected the public key that the training prints/)
  const rsa = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
  for (const pem of ['', 'x', publicKey, key.pem.slice(0, 60), rsa.export({ type: 'pkcs8', format: 'pem' }).toString()])
    expect(() => runKeyFrom(pem, 'run-key.pem')).toThrow(/^run-key\.pem: expected a private Ed25519 key/)
})
