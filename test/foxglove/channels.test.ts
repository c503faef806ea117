import { expect, it } from 'vitest'
import { channelsOf } from '../../src/foxglove/channels.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { circlingFrame, tinySchema } from '../stream/tiny-stream.ts'

it('publishes scene and figures, each with a schema that says what is in its messages', () => {
  const spaces: readonly ActionSpace[] = [
    [{ name: 'move', kind: 'choice', size: 3, soft: false }],
    [{ name: 'move', kind: 'box', size: 2, low: -1, high: 1 }],
    [
      { name: 'move', kind: 'choice', size: 2, soft: true },
      { name: 'say', kind: 'choice', size: 2, soft: false },
    ],
  ]
  const plain = tinySchema()
  const schema = { ...plain, agents: plain.agents.map((agent, i) => ({ ...agent, actionSpace: spaces[i]! })) }
  const actions = Float32Array.of(0, 0, 1, 0.5, -0.25, 0.25, 0.75, 1, 0)
  const frame = { ...circlingFrame(schema, 3), actions, rewards: Float32Array.of(-1, 0.5, Number.NaN) }
  const channels = channelsOf(schema)
  const told = channels
    .filter(({ encoding }) => encoding === 'json')
    .map(({ topic, schema, encode }) => {
      return [topic, json(schema), json(encode(frame, false))]
    })
  const number = { type: 'number' }
  const list = { type: 'array', items: number }
  const object = (properties: object) => ({ type: 'object', properties })
  const numbers = object({ agent_0: number, agent_1: number, adversary_0: number })
  expect(channels.map(({ topic, when }) => [topic, when])).toEqual([
    ['/arena', 'once'],
    ['/scene', 'frames'],
    ['/rewards', 'frames'],
    ['/returns', 'frames'],
    ['/actions', 'frames'],
    ['/episode', 'frames'],
  ])
  expect(told[0]).toEqual(['/rewards', numbers, { agent_0: -1, agent_1: 0.5, adversary_0: null }])
  expect(told[2]).toEqual([
    '/actions',
    object({
      agent_0: object({ move: number }),
      agent_1: object({ move: list }),
      adversary_0: object({ move: list, say: number }),
    }),
    { agent_0: { move: 2 }, agent_1: { move: [0.5, -0.25] }, adversary_0: { move: [0.25, 0.75], say: 0 } },
  ])
  expect(told[3]![2]).toEqual({ episode: frame.episode, step: frame.step, frame: frame.number })
})

function json(bytes: Uint8Array): unknown {
  return JSON.parse(new TextDecoder().decode(bytes))
}
