// A recording on the page: plays, pauses, steps, searches and loops as the session says.
import { describe, expect, it, onTestFinished } from 'vitest'
import { createSession, type Session } from '../../src/experiment/session.ts'
import type { Moment, Show } from '../../src/experiment/show.ts'
import { createPlayback } from '../../src/recording/playback-show.ts'
import { openRecording } from '../../src/recording/recording.ts'
import { games } from '../../src/run/find-game.ts'
import { tinySession } from '../support/tiny-session.ts'
import { recorded } from './tiny-recording.ts'
import type { TinyShow } from './tiny-show.ts'

describe('a playback', () => {
  it('begins with the first frame, and knows how far it goes', async () => {
    const { session, heard } = await playback(show => show.play(60))
    expect(numbers(heard)).toEqual([0])
    expect(session.state.timeline).toEqual({ kind: 'playback', first: 0, last: 59, position: 0, loop: null })
    expect(session.state.exhibition).toMatchObject({ seed: 1, players: { agent: 'random' } })
  })

  it('plays every frame in order, tells of the game before its frames, and pauses at the end', async () => {
    const { show, session, heard, until, order } = await playback(show => {
      show.play(30)
      show.changeSchema({ maxCycles: 5 })
      show.play(20)
    })
    show.command({ type: 'speed', speed: 64 }, 'me')
    show.command({ type: 'resume' }, 'me')
    await until(() => session.state.exhibition.paused)
    expect(numbers(heard)).toEqual(Array.from({ length: 50 }, (_, i) => i))
    expect(order.indexOf('schema', 1)).toBe(31)
    expect(session.state.timeline.position).toBe(49)
  })

  it('makes single steps, and jumps to any frame, to which nothing leads', async () => {
    const { show, heard, until, told } = await playback(show => show.play(100))
    show.command({ type: 'step', steps: 3 }, 'me')
    await until(() => heard.length === 4)
    await show.command({ type: 'seek', number: 80 }, 'me')
    await show.command({ type: 'seek', number: 10 }, 'me')
    show.command({ type: 'step' }, 'me')
    await until(() => heard.length === 7)
    expect(numbers(heard)).toEqual([0, 1, 2, 3, 80, 10, 11])
    expect(heard.map(({ frame }) => frame.placed)).toEqual([true, false, false, false, true, true, false])
    expect(heard[4]!.frame.row).toEqual(told[80]!.frame.row)
    expect(heard[4]!.fingerprint()).toBe(told[80]!.fingerprint)
  })

  it('of many jumps at once shows the last one', async () => {
    const { show, heard } = await playback(show => show.play(100))
    await Promise.all([70, 5, 99, 42].map(number => show.command({ type: 'seek', number }, 'me')))
    expect(numbers(heard).at(-1)).toBe(42)
  })

  it('plays a stretch over and over', async () => {
    const { show, heard, until } = await playback(show => show.play(60))
    await show.command({ type: 'seek', number: 20 }, 'me')
    show.command({ type: 'loop', from: 18, to: 22 }, 'me')
    show.command({ type: 'speed', speed: 64 }, 'me')
    show.command({ type: 'resume' }, 'me')
    await until(() => heard.length > 14)
    expect(numbers(heard).slice(1, 14)).toEqual([20, 21, 22, 18, 19, 20, 21, 22, 18, 19, 20, 21, 22])
  })

  it('tells what agents saw and did, after a jump and while it goes on', async () => {
    const { show, until, told } = await playback(show => show.play(60))
    await show.command({ type: 'seek', number: 40 }, 'me')
    expect(show.inspect(1)).toBe(null)
    await until(() => show.inspect(1) !== null)
    const { schema } = told[40]!.game
    const at = (name: string) => schema.fields.find(field => field.name === name)!.offset
    const { row } = told[40]!.frame
    // The first number that an agent of simple_tag sees is its own velocity.
    expect([...show.inspect(1)!.observation.slice(0, 2)]).toEqual([
      ...row.slice(at('velocity') + 2, at('velocity') + 4),
    ])
    expect([...show.inspect(1)!.action]).toEqual([...told[41]!.frame.actions.slice(5, 10)])
    show.command({ type: 'step' }, 'me')
    await until(() => show.inspect(1) !== null)
    expect([...show.inspect(1)!.action]).toEqual([...told[42]!.frame.actions.slice(5, 10)])
    expect(() => show.inspect(9)).toThrow('there are agents 0 ... 3, got 9')
  })

  it('refuses what cannot be done to the past', async () => {
    const { show } = await playback(show => show.play(10))
    expect(() => show.command({ type: 'reset' }, 'me')).toThrow(/this is a recording.* --fork 0/)
    expect(() => show.command({ type: 'loop', from: 3, to: 30 }, 'me')).toThrow('expected two frames of 0 ... 9')
  })
})

interface Playback {
  readonly show: Show
  readonly session: Session
  readonly told: TinyShow['told']
  readonly heard: Moment[]
  readonly order: ('schema' | 'moment')[]
  until(condition: () => boolean): Promise<void>
}

async function playback(play: (show: TinyShow) => void): Promise<Playback> {
  const { file, show: original } = await recorded(play)
  const recording = await openRecording(file)
  const session = createSession({ ...tinySession, exhibition: { ...tinySession.exhibition, paused: true } })
  const show = await createPlayback(recording, session, async ({ scenario, options }) =>
    games[scenario]!.create(options),
  )
  const heard: Moment[] = []
  const order: Playback['order'] = []
  const listening = show.schema$.subscribe(() => order.push('schema'))
  listening.add(
    show.moments$.subscribe(moment => {
      order.push('moment')
      heard.push(moment)
    }),
  )
  onTestFinished(async () => {
    listening.unsubscribe()
    await recording.close()
  })
  const until = async (condition: () => boolean) => {
    while (!condition()) await new Promise(resolve => setTimeout(resolve, 2))
  }
  return { show, session, told: original.told, heard, order, until }
}

function numbers(moments: readonly Moment[]): number[] {
  return moments.map(({ frame }) => frame.number)
}
