// Which numbers of a particle world make up the state of its game, and how they are copied into rows and back.
import type { Agent, Entity, Landmark, Vector } from './entity.ts'
import type { ParticleCore } from './particle-core.ts'

/** What the numbers of a row are read from and put into. */
export interface Places {
  readonly core: ParticleCore
  /** Copied at every turn: where everybody is, how those move that can, and the utterances of those that speak. */
  readonly vectors: readonly Vector[]
  readonly voices: readonly Float64Array[]
  /** What a step computes before it uses it, so that it is put back only for who looks between two steps. */
  readonly passing: readonly Vector[]
  readonly speeches: readonly Float64Array[]
  /** Velocities of what cannot move and utterances of those that do not speak: zeros, unless a hook writes them. */
  readonly still: readonly Vector[]
  readonly silent: readonly Float64Array[]
  readonly actors: readonly Agent[]
  readonly landmarks: readonly Landmark[]
}

/** Numbers of an actor and a landmark that scenarios seldom change. */
export const rareOfActor = 7
export const rareOfLandmark = 3

export function placesOf(core: ParticleCore): Places {
  const { agents, scriptedAgents, landmarks } = core.world
  const actors: readonly Agent[] = [...agents, ...scriptedAgents]
  const movers = actors.filter(actor => actor.moves)
  const pushed = landmarks.filter(landmark => landmark.moves)
  const speakers = actors.filter(actor => actor.speaks)
  return {
    core,
    vectors: [...core.world.entities.map(({ position }) => position), ...[...movers, ...pushed].map(velocityOf)],
    voices: speakers.map(({ utterance }) => utterance),
    passing: [...movers.flatMap(({ force, thrust }) => [force, thrust]), ...pushed.map(({ force }) => force)],
    speeches: speakers.map(({ speech }) => speech),
    still: core.world.entities.filter(({ moves }) => !moves).map(velocityOf),
    silent: actors.filter(({ speaks }) => !speaks).map(({ utterance }) => utterance),
    actors,
    landmarks,
  }
}

export function readVectors(vectors: readonly Vector[], into: Float64Array, at: number): number {
  for (let i = 0; i < vectors.length; i++) {
    const vector = vectors[i]!
    into[at] = vector.x
    into[at + 1] = vector.y
    at += 2
  }
  return at
}

export function writeVectors(vectors: readonly Vector[], from: Float64Array, at: number): number {
  for (let i = 0; i < vectors.length; i++) {
    const vector = vectors[i]!
    vector.x = from[at]!
    vector.y = from[at + 1]!
    at += 2
  }
  return at
}

export function readVoices(voices: readonly Float64Array[], into: Float64Array, at: number): number {
  for (let i = 0; i < voices.length; i++) {
    const voice = voices[i]!
    for (let c = 0; c < voice.length; c++) into[at++] = voice[c]!
  }
  return at
}

export function writeVoices(voices: readonly Float64Array[], from: Float64Array, at: number): number {
  for (let i = 0; i < voices.length; i++) {
    const voice = voices[i]!
    for (let c = 0; c < voice.length; c++) voice[c] = from[at++]!
  }
  return at
}

function velocityOf({ velocity }: Entity): Vector {
  return velocity
}

export function readRare({ actors, landmarks, still, silent }: Places, into: Float64Array, at: number): void {
  for (const { size, mass, maxSpeed, acceleration, turnRate, actionNoise, utteranceNoise } of actors) {
    into[at] = size
    into[at + 1] = mass
    into[at + 2] = maxSpeed
    into[at + 3] = acceleration
    into[at + 4] = turnRate
    into[at + 5] = actionNoise
    into[at + 6] = utteranceNoise
    at += rareOfActor
  }
  for (const { size, mass, maxSpeed } of landmarks) {
    into[at] = size
    into[at + 1] = mass
    into[at + 2] = maxSpeed
    at += rareOfLandmark
  }
  readVoices(silent, into, readVectors(still, into, at))
}

export function writeRare({ actors, landmarks, still, silent }: Places, from: Float64Array, at: number): void {
  for (const actor of actors) {
    actor.size = from[at]!
    actor.mass = from[at + 1]!
    actor.maxSpeed = from[at + 2]!
    actor.acceleration = from[at + 3]!
    actor.turnRate = from[at + 4]!
    actor.actionNoise = from[at + 5]!
    actor.utteranceNoise = from[at + 6]!
    at += rareOfActor
  }
  for (const landmark of landmarks) {
    landmark.size = from[at]!
    landmark.mass = from[at + 1]!
    landmark.maxSpeed = from[at + 2]!
    at += rareOfLandmark
  }
  writeVoices(silent, from, writeVectors(still, from, at))
}

/** Numbers in all of them. */
export function sizeOf(arrays: readonly Float64Array[]): number {
  return arrays.reduce((sum, { length }) => sum + length, 0)
}
