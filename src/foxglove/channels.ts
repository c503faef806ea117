// What of a game is published, topic by topic: the scene to look at, and figures to plot. Live viewers and recordings have the same.
import type { Frame, FrameAgent, FrameSchema } from '../envs/frame.ts'
import { createSceneEncoder, sceneUpdateSchema } from './scene-update.ts'

/** A stream of messages of one kind, as the Foxglove protocol and MCAP files know it. */
export interface Channel {
  readonly topic: string
  /** How messages are encoded. */
  readonly encoding: 'protobuf' | 'json'
  readonly schemaName: string
  readonly schemaEncoding: 'protobuf' | 'jsonschema'
  readonly schema: Uint8Array
  /** once: the first frame says it all; frames: each has something to say. */
  readonly when: 'once' | 'frames'
  /** The message of a frame. `anew`: nothing of what was published before holds any longer. */
  encode(frame: Frame, anew: boolean): Uint8Array
}

/** The channels of a game. Messages have the time of their frame. */
export function channelsOf(schema: FrameSchema): readonly Channel[] {
  const { agents } = schema
  const scene = createSceneEncoder(schema)
  const { name: schemaName, encoding, data } = sceneUpdateSchema
  const ofScene = { encoding, schemaName, schemaEncoding: encoding, schema: data } as const
  const perAgent = (topic: string, of: (frame: Frame) => Float32Array) =>
    figures(topic, numbersOf(agents), frame => byAgent(agents, i => of(frame)[i]))
  return [
    { topic: '/arena', ...ofScene, when: 'once', encode: ({ at }) => scene.ground(at) },
    {
      topic: '/scene',
      ...ofScene,
      when: 'frames',
      encode: ({ row, at, restarted }, anew) => scene.scene(row, at, anew || restarted),
    },
    perAgent('/rewards', ({ rewards }) => rewards),
    perAgent('/returns', ({ returns }) => returns),
    actionsChannel(agents),
    figures('/episode', properties({ episode: number, step: number, frame: number }), frame => ({
      episode: frame.episode,
      step: frame.step,
      frame: frame.number,
    })),
  ]
}

/** A channel of JSON messages. */
export function figures(topic: string, schema: object, of: (frame: Frame) => object): Channel {
  return {
    topic,
    encoding: 'json',
    schemaName: `marlstrom${topic.replaceAll('/', '.')}`,
    schemaEncoding: 'jsonschema',
    schema: jsonBytes(schema),
    when: 'frames',
    encode: frame => jsonBytes(of(frame)),
  }
}

/** JSON schema of an object. */
export function properties(of: Readonly<Record<string, object>>): object {
  return { type: 'object', properties: of }
}

export const number = { type: 'number' } as const

export function jsonBytes(value: unknown): Uint8Array {
  return text.encode(JSON.stringify(value))
}

const text = new TextEncoder()

/** Per agent and part of its action: the alternative that it took, or the numbers where there are several. */
function actionsChannel(agents: readonly FrameAgent[]): Channel {
  let at = 0
  const parts = agents.map(({ actionSpace }) =>
    actionSpace.map(({ name, kind, size, ...part }) => {
      at += size
      return { name, from: at - size, to: at, chosen: kind === 'choice' && !('soft' in part && part.soft) }
    }),
  )
  const schemas = parts.map(ofAgent =>
    properties(
      Object.fromEntries(ofAgent.map(({ name, chosen }) => [name, chosen ? number : { type: 'array', items: number }])),
    ),
  )
  return figures('/actions', properties(byAgent(agents, i => schemas[i]!)), ({ actions }) =>
    byAgent(agents, i =>
      Object.fromEntries(
        parts[i]!.map(({ name, from, to, chosen }) => {
          const row = actions.subarray(from, to)
          // An episode begins without an action.
          return [name, chosen ? row.indexOf(1) : Array.from(row)]
        }),
      ),
    ),
  )
}

function numbersOf(agents: readonly FrameAgent[]): object {
  return properties(byAgent(agents, () => number))
}

function byAgent<T>(agents: readonly FrameAgent[], of: (index: number) => T): Record<string, T> {
  return Object.fromEntries(agents.map(({ id }, i) => [id, of(i)]))
}
