// A version of the weights as it travels: a signed safetensors file, a tensor for each weight matrix and bias vector.
import { encodeSafetensors } from '../experiment/write-safetensors.ts'
import type { NetworkShape } from './manifest.ts'
import type { RunKey, Unsealing } from './run-key.ts'

export interface VersionedWeights {
  readonly version: number
  /** All networks one after the other. */
  readonly parameters: Float32Array
}

const purpose = (session: string) => `weights of ${session}`

/** Tensors are called `<network>/<tensor>`: `0/layer0.weight`; `version` stands in the metadata. */
export function sealWeights(
  key: RunKey,
  session: string,
  networks: readonly NetworkShape[],
  { version, parameters }: VersionedWeights,
): Uint8Array {
  let at = 0
  const tensors = networks.flatMap(({ tensors }, network) =>
    tensors.map(({ name, shape }) => {
      const from = at
      at += shape.reduce((a, b) => a * b, 1)
      return [`${network}/${name}`, { shape, data: parameters.subarray(from, at) }] as const
    }),
  )
  return key.seal(purpose(session), Buffer.concat(encodeSafetensors(new Map(tensors), { version: String(version) })))
}

/** @throws TypeError where they are not signed for this session, or are not so many numbers */
export function openWeights(unsealing: Unsealing, session: string, size: number, sealed: Uint8Array): VersionedWeights {
  const bytes = Buffer.from(unsealing.open(purpose(session), sealed))
  const end = 8 + Number(bytes.readBigUInt64LE())
  const { __metadata__: metadata } = JSON.parse(bytes.subarray(8, end).toString())
  if (bytes.length !== end + 4 * size) {
    throw new TypeError(`weights: expected ${size} numbers, got ${(bytes.length - end) / 4}`)
  }
  return {
    version: Number(metadata.version),
    parameters: new Float32Array(new Uint8Array(bytes.subarray(end)).buffer),
  }
}
