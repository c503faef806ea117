// The key of a run: what its learner sends is signed by it (Ed25519, RFC 8032), and actors know the public half, which names the run.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from 'node:crypto'
import { ConfigError } from '../errors.ts'

export interface RunKey {
  /** The public half, 32 bytes in base64url: 43 characters. */
  readonly publicKey: string
  /** The private half as PEM (PKCS #8), for a file that nobody else reads. */
  readonly pem: string
  /** The payload behind its signature of 64 bytes. `purpose`: what it is said as; for another purpose the signature does not hold. */
  seal(purpose: string, payload: Uint8Array): Uint8Array
}

const signatureBytes = 64

export function createRunKey(): RunKey {
  return runKeyOf(generateKeyPairSync('ed25519').privateKey)
}

/** @throws ConfigError where the text is no private key of that kind */
export function runKeyFrom(pem: string, path: string): RunKey {
  try {
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType === 'ed25519') return runKeyOf(key)
  } catch {
    // Said below.
  }
  throw new ConfigError(path, 'expected a private Ed25519 key as PEM; the file is damaged')
}

function runKeyOf(key: KeyObject): RunKey {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return {
    publicKey: x!,
    pem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    seal(purpose, payload) {
      return Buffer.concat([sign(null, said(purpose, payload), key), payload])
    },
  }
}

/** What opens what a run's learner sealed. */
export interface Unsealing {
  /** The payload. @throws TypeError where the signature is not the run's, or was made for another purpose */
  open(purpose: string, sealed: Uint8Array): Uint8Array
}

/** @throws ConfigError where the text is no public key */
export function unsealing(publicKey: string, path = '--run-key'): Unsealing {
  const key = publicKeyFrom(publicKey, path)
  return {
    open(purpose, sealed) {
      const payload = sealed.subarray(signatureBytes)
      const holds =
        sealed.length >= signatureBytes && verify(null, said(purpose, payload), key, sealed.subarray(0, signatureBytes))
      if (!holds) throw new TypeError(`${purpose}: not signed by the run's key`)
      return payload
    },
  }
}

function publicKeyFrom(text: string, path: string): KeyObject {
  // 43 characters could stand for more than one key otherwise.
  if (/^[\w-]{43}$/.test(text) && Buffer.from(text, 'base64url').toString('base64url') === text) {
    return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: text }, format: 'jwk' })
  }
  throw new ConfigError(
    path,
    `expected the public key that the training prints, 43 characters, got '${text.slice(0, 60)}'`,
  )
}

function said(purpose: string, payload: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.from(`marlstrom ${purpose}\0`), payload])
}
