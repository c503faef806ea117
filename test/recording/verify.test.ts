// Recordings simulated again: the same bits everywhere, or the place where they are not.
import { describe, expect, it, onTestFinished } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { createRandom } from '../../src/random.ts'
import type { RecordedMoment, Recording } from '../../src/recording/recording.ts'
import { openRecording } from '../../src/recording/recording.ts'
import type { GameMaker } from '../../src/recording/resimulate.ts'
import { verify } from '../../src/recording/verify.ts'
import { recorded } from './tiny-recording.ts'

const make: GameMaker = async ({ scenario, options }) => createParticleGame(scenarios[scenario]!, options)

describe('verify', () => {
  it('comes to every state that was recorded, and begins episodes from their seeds alone', async () => {
    const recording = await opened()
    expect(await verify(recording, make)).toEqual({
      same: 80,
      again: 4,
      unknown: 0,
      drawnOnly: 0,
      difference: null,
    })
  })

  it('says from where on it is another game', async () => {
    const recording = await opened()
    const other = { ...scenarios.simple_tag!, reward: () => 0 }
    const poor: GameMaker = async ({ options }) => createParticleGame(other, options)
    expect((await verify(recording, poor)).difference).toMatchObject({
      episode: 1,
      what: expect.stringContaining('reward'),
    })
    const elsewhere: GameMaker = async (opening, game) => {
      const made = await make(opening, game)
      return Object.assign(made, { reset: made.reset.bind(made, createRandom(99)) })
    }
    const what = 'the episode of seed 1 begins with another state than recorded'
    expect((await verify(recording, elsewhere)).difference).toEqual({ number: 0, episode: 1, step: 0, what })
  })

  it.each([
    ['a position', (m: RecordedMoment) => (m.frame.row[1] = 3), 'adversary_0: position y is'],
    ['a reward', (m: RecordedMoment) => (m.frame.rewards[3] = 7), 'agent_0: reward is'],
    ['an action', (m: RecordedMoment) => m.frame.actions.set(turned(m.frame.actions)), 'adversary_0: velocity'],
  ])('finds %s that was changed, at its frame', async (_, change, what) => {
    const recording = await opened()
    const changed: Recording = {
      ...recording,
      async *from(number) {
        for await (const moment of recording.from(number)) {
          if (moment.frame.number === 33) change(moment)
          yield moment
        }
      },
    }
    const { difference, same } = await verify(changed, make)
    expect(same).toBe(33)
    expect(difference).toMatchObject({ number: 33, episode: 2, step: 7 })
    expect(difference!.what).toContain(what)
  })
})

/** The first agent does the next best thing. */
function turned(actions: Float32Array): number[] {
  const [last, ...others] = [...actions.slice(0, 5)].reverse()
  return [last!, ...others.reverse()]
}

/** 80 frames: three whole episodes and the begin of a fourth. */
async function opened(): Promise<Recording> {
  const { file } = await recorded(show => show.play(80))
  const recording = await openRecording(file)
  onTestFinished(() => recording.close())
  return recording
}
