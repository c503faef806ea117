// The signed description of a run that actor processes read: its settings, and the layout of trajectories and weights.
import type { MessageField } from '../actors/trajectory-message.ts'
import type { NetworkSpec } from '../nn/layers.ts'
import type { RunKey, Unsealing } from './run-key.ts'

/** Rises when learners and actors of different versions no longer understand each other. */
export const protocol = 1

export interface Manifest {
  readonly protocol: number
  /** Of marlstrom. */
  readonly version: string
  /** Another one each time that the run's learner starts: what belongs to an earlier one is dropped. */
  readonly session: string
  /** Whether the training is done: nobody is asked to play any more. */
  readonly over: boolean
  readonly order: 'fixed' | 'arrival'
  /** Every setting of the run. */
  readonly settings: Readonly<Record<string, unknown>>
  /** SHA-256 of the scenario file as it is played; null: the scenario ships with marlstrom. */
  readonly file: string | null
  readonly agents: readonly string[]
  readonly trajectory: {
    readonly games: number
    readonly steps: number
    /** Every so many trajectories of an actor the last one brings its state. */
    readonly stateEvery: number
    /** Bytes of a message without its state, and where its columns lie. */
    readonly bytes: number
    readonly fields: readonly MessageField[]
  }
  readonly weights: {
    /** Numbers of a version. */
    readonly size: number
    /** The networks one after the other. */
    readonly networks: readonly NetworkShape[]
    /** Of each agent, which of them act for it; none: they do not learn. */
    readonly agents: readonly (readonly number[])[]
  }
}

export interface NetworkShape {
  readonly spec: NetworkSpec
  readonly tensors: readonly { readonly name: string; readonly shape: readonly number[] }[]
}

const purpose = 'manifest'

export function sealManifest(key: RunKey, manifest: Manifest): Uint8Array {
  return key.seal(purpose, Buffer.from(JSON.stringify(manifest)))
}

/** @throws TypeError where it is not signed by the run's key, or speaks another protocol */
export function openManifest(unsealing: Unsealing, sealed: Uint8Array): Manifest {
  const manifest: Manifest = JSON.parse(Buffer.from(unsealing.open(purpose, sealed)).toString())
  if (manifest.protocol === protocol) return manifest
  throw new TypeError(
    `manifest: expected protocol ${protocol}, got ${manifest.protocol}: the run is trained by marlstrom ${manifest.version}; install that version`,
  )
}

/** What two builds must have in common so that one plays what the other would, in words; null: they have it. */
export function differenceOf(
  theirs: Pick<Manifest, 'trajectory' | 'weights' | 'agents'>,
  ours: Pick<Manifest, 'trajectory' | 'weights' | 'agents'>,
): string | null {
  for (const part of ['agents', 'trajectory', 'weights'] as const) {
    const [asked, got] = [theirs[part], ours[part]].map(each => JSON.stringify(each)) as [string, string]
    if (asked === got) continue
    const at = [...asked].findIndex((letter, i) => letter !== got[i])
    const around = (text: string) => text.slice(Math.max(0, at - 40), at + 40)
    return `${part}: expected ...${around(asked)}..., got ...${around(got)}...`
  }
  return null
}
