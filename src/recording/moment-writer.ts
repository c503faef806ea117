// Moments of a show become messages: ours, from which the game is played again, and those that Foxglove and its like draw and plot.
import type { Frame, FrameSchema } from '../envs/frame.ts'
import type { Moment } from '../experiment/show.ts'
import { type Channel, channelsOf } from '../foxglove/channels.ts'
import { encodeFrame } from '../stream/frame-codec.ts'
import {
  channel,
  channels,
  encodeGame,
  encodeOpening,
  encodeStep,
  frameNanoseconds,
  type RecordedGame,
} from './format.ts'
import type { ChannelDefinition, McapWriter } from './mcap-writer.ts'

export interface MomentWriter {
  /** Moments are of another game from here on. */
  changeSchema(schema: FrameSchema): void
  /** Into the open chunk. */
  write(moment: Moment): void
  /** Moments were left out: what was said before them no longer holds. */
  interrupt(): void
}

/** `began`: milliseconds since 1970, the time of the first frame; `source`: asked for the code of each game. */
export function createMomentWriter(
  writer: McapWriter,
  began: number,
  source: () => RecordedGame['source'],
): MomentWriter {
  for (const definition of channels) writer.addChannel(definition)
  const known = new Map<string, number>()
  let game: { readonly schema: FrameSchema; readonly published: readonly Published[] } | null = null
  let first: number | null = null
  let described = false
  let anew = true

  return {
    changeSchema(schema) {
      const published = channelsOf(schema).map(of => {
        const id = known.get(keyOf(of)) ?? writer.addChannel(definitionOf(of))
        known.set(keyOf(of), id)
        return { of, id }
      })
      game = { schema, published }
      described = false
      anew = true
    },
    write(moment) {
      if (game === null) return
      const { frame, opening } = moment
      first ??= frame.number
      const logTime = BigInt(began) * 1_000_000n + BigInt(frame.number - first) * frameNanoseconds
      const add = (id: number, data: Uint8Array) => writer.add({ channel: id, data, ...stampOf(frame, logTime) })
      if (!described) add(channel.game, encodeGame({ schema: game.schema, source: source() }))
      if (opening !== null) add(channel.opening, encodeOpening(opening))
      const { number, actions } = frame
      add(channel.step, encodeStep({ number, fingerprint: moment.fingerprint(), actions }))
      add(channel.frame, encodeFrame(frame, game.schema))
      // On the recording's clock: others draw by the time within a message.
      const timed = { ...frame, at: Number(logTime / 1_000_000n) }
      for (const { of, id } of game.published) if (anew || of.when === 'frames') add(id, of.encode(timed, anew))
      described = true
      anew = false
    },
    interrupt() {
      anew = true
    },
  }
}

interface Published {
  readonly of: Channel
  readonly id: number
}

function stampOf({ number, at }: Frame, logTime: bigint) {
  return { sequence: number % 2 ** 32, logTime, publishTime: BigInt(Math.round(at)) * 1_000_000n }
}

/** Channels of one topic are the same where their messages are read in the same way. */
function keyOf({ topic, schema }: Channel): string {
  return `${topic} ${Buffer.from(schema).toString('base64')}`
}

function definitionOf({ topic, encoding, schemaName, schemaEncoding, schema }: Channel): ChannelDefinition {
  return { topic, encoding, schema: { name: schemaName, encoding: schemaEncoding, data: schema }, metadata: {} }
}
