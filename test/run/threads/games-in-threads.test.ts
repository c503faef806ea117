// Games in several threads are the same games, to the bit; what goes wrong in a thread is told as in one.
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import type { VectorGame } from '../../../src/envs/vector-game.ts'
import { GameError } from '../../../src/errors.ts'
import { compiledFile } from '../../../src/installation/package-folder.ts'
import { writeGame } from '../../support/game-files.ts'
import { act, expectSame, gamesOf, randomGameFile } from '../../support/spread-play.ts'
import { tempFolder } from '../../support/temp-folder.ts'

it.each([
  { scenario: 'simple_spread', threads: 2, options: { maxCycles: 6 } },
  { scenario: 'simple_world_comm', threads: 3, options: { maxCycles: 6 } },
  { scenario: 'foraging', threads: 3, options: {}, keptSteps: 1 },
])(
  '$scenario in $threads threads: the same steps as in one',
  async ({ scenario, threads, options, keptSteps = null }) => {
    const make = await gamesOf(scenario, { options, keptSteps })
    const [one, several] = [make(1), make(threads)]
    expectSame(one, several, 20)
    expect([one.threads, several.threads]).toEqual([1, threads])
    expect(several.games).toHaveLength(7)
    expect(() => several.games[6]!.rewards).toThrow(/another thread plays; with run.threads 1/)
  },
)

it('masks, absences and states of a file too; what was saved goes on in any number of threads', async () => {
  const file = randomGameFile(tempFolder(), { seed: 5, length: 6 })
  const make = await gamesOf(file)
  const [one, two, three] = [make(1), make(2), make(3)]
  expect(one.next.states?.columns).toBeGreaterThan(0)
  expectSame(one, three, 25)
  // Restored before it is spread, and afterwards again.
  two.restore(three.save())
  expectSame(one, two, 15)
  const saved = structuredClone(two.save())
  const fresh = make(1)
  for (const games of [fresh, two, three]) games.restore(saved)
  expectSame(fresh, two, 10, 7)
  fresh.restore(saved)
  expectSame(fresh, three, 10, 7)
  expect([two.threads, three.threads]).toEqual([2, 3])
})

it.each(['simple_spread', 'foraging'])(
  '%s: options that change bring the games back into the calling thread, with the same steps',
  async id => {
    const make = await gamesOf(id, { options: { maxCycles: 6 } })
    const [one, three] = [make(1), make(3)]
    expectSame(one, three, 8)
    expect(three.threads).toBe(3)
    for (const games of [one, three]) games.vary!({ maxCycles: 3 })
    expect(three.threads).toBe(1)
    expectSame(one, three, 10)
    const saved = structuredClone(one.save())
    expect(saved).toHaveProperty('variations')
    // What was saved then goes on in games that have never changed, and what was saved before in games that have.
    const [fresh, before] = [make(3), structuredClone(make(1).save())]
    fresh.restore(saved)
    expectSame(one, fresh, 10)
    for (const games of [one, fresh]) games.restore(before)
    expectSame(one, fresh, 10)
    const never = make(1)
    const plain = ({ variations: _, ...rest }: Record<string, unknown>) => rest
    for (let n = 0; n < 10; n++) {
      act(never)
      never.advance()
    }
    expect(plain(fresh.save() as Record<string, unknown>)).toEqual(never.save())
  },
)

it('steps stay as they are: all of them, or as many as must', async () => {
  const play = async (keptSteps: number | null) => {
    const games = (await gamesOf('simple_spread', { spreadAfter: 1, keptSteps, options: { maxCycles: 6 } }))(2)
    const seen = Array.from({ length: 9 }, () => {
      act(games)
      const step = games.advance()
      return { step, first: step.observations[0]!.data.slice() }
    })
    return seen.map(({ step, first }) => step.observations[0]!.data.every((value, i) => value === first[i]))
  }
  expect(await play(null)).toEqual(Array(9).fill(true))
  const kept = await play(2)
  // The first step was made before there were threads.
  expect([kept[0], ...kept.slice(-2)]).toEqual([true, true, true])
  expect(kept.slice(1, -2)).toEqual(Array(6).fill(false))
})

it('a step in pieces is the same step', async () => {
  const make = await gamesOf('simple_spread', { options: { maxCycles: 6 }, spreadAfter: 1 })
  const [one, two] = [make(1), make(2)]
  two.advance = () => {
    const moving = two.advancing()
    for (;;) {
      const { done, value } = moving.next()
      if (done) return value
    }
  }
  expectSame(one, two, 12)
  expect(two.threads).toBe(2)
})

it('errors are those of one thread: the first in the order of the games, with game, step and line', async () => {
  const file = writeGame(
    tempFolder(),
    'faulty',
    `const { reset, step } = game
    let episodes = 0
    game.reset = random => { reset(random); if (episodes++ > 0 && random.integer(6) === 0) throw new RangeError('no beginning') }
    game.step = (actions, row) => { step(actions, row); if (steps === 3 && told[0] + told[1] + actions[0].data[2 * row] + actions[1].data[2 * row] === 4) throw new TypeError('no step') }`,
  )
  const make = await gamesOf(file, { spreadAfter: 1, seed: 3, games: 9 })
  const [one, three] = [make(1), make(3)]
  act(one)
  act(three)
  expect(three.advance().rewards).toEqual(one.advance().rewards)
  const saved = structuredClone(one.save())
  const sentences = new Set<string>()
  for (let seed = 0; seed < 8; seed++) {
    const [expected, got] = [one, three].map(games => {
      games.restore(saved)
      return errorOf(games, seed)
    })
    expect(got).toEqual(expected)
    sentences.add(got!.what)
    expect(() => three.advance()).toThrow(/must not follow an error/)
  }
  expect([...sentences].sort()).toEqual(['reset threw RangeError: no beginning', 'step threw TypeError: no step'])
})

/** Plays until something is thrown. */
function errorOf(games: VectorGame, seed: number) {
  for (let n = 0; n < 100; n++) {
    act(games, seed)
    try {
      games.advance()
    } catch (error) {
      expect(error).toBeInstanceOf(GameError)
      const { what, place, cause } = error as GameError
      const { name, stack } = cause as Error
      // Which step of the episode it is is no part of what is restored; a training counts for itself.
      return {
        what,
        place: { ...place, step: place.step! > 0 ? 1 : 0 },
        name,
        line: /\w+\.mjs:\d+:\d+/.exec(stack!)?.[0],
      }
    }
  }
  throw new Error('expected an error within 100 steps')
}

const elsewhere = `const { isMainThread } = await import('node:worker_threads')\n`

/** A game that does something at a step of other threads. */
async function elsewhereGame(what: string, play: Parameters<typeof gamesOf>[1] = {}) {
  const file = writeGame(
    tempFolder(),
    'odd',
    `const { step } = game; game.step = (...all) => { step(...all); ${what} }`,
  )
  writeFileSync(file, `${elsewhere}${readFileSync(file, 'utf8')}`)
  const games = (await gamesOf(file, { spreadAfter: 2, options: { maxCycles: 50 }, ...play }))(2)
  return { file, games }
}

it('a hook that does not come back in a thread is told as of one in the calling thread', async () => {
  const { file, games } = await elsewhereGame('if (!isMainThread && steps === 4) for (;;);', { hookSeconds: 0.6 })
  const play = () => {
    act(games)
    games.advance()
  }
  for (let n = 0; n < 3; n++) play()
  const sentence = `${file}:22:7: step did not come back for 0.6 seconds: look for a loop that never ends; step 4, seed 1; run.hookSeconds allows more`
  expect(play).toThrow(sentence)
  expect(() => games.restore(null)).toThrow(sentence)
})

it('a game that ends its thread is told', async () => {
  const { file, games } = await elsewhereGame('if (!isMainThread && steps === 4) process.exit(3)')
  const play = () => {
    for (let n = 0; n < 4; n++) {
      act(games)
      games.advance()
    }
  }
  expect(play).toThrow(`${file}: it ended its thread with code 3; a game must not call process.exit`)
})

it('games that come to something else in another thread stay together', async () => {
  const { games } = await elsewhereGame('if (!isMainThread) told[0] = 0.5')
  for (let n = 0; n < 6; n++) {
    act(games)
    games.advance()
  }
  expect(games.threads).toBe(1)
})

it('short steps stay in the calling thread; with one thread, and one game, nothing is looked at', async () => {
  const make = await gamesOf('simple', { spreadAfter: null, games: 2 })
  const games = make(8)
  for (let n = 0; n < 100; n++) {
    act(games)
    games.advance()
  }
  expect(games.threads).toBe(1)
})

it('threads do not keep a process alive', () => {
  const of = (name: string) => JSON.stringify(pathToFileURL(compiledFile(name)).href)
  const program = `
    const { createGamesInThreads } = await import(${of('run/threads/games-in-threads.js')})
    const { gameOf } = await import(${of('run/find-game.js')})
    const { createRandom } = await import(${of('random.js')})
    const create = gameOf({ scenario: { id: 'simple' } })
    const games = createGamesInThreads({ create, games: 4, random: game => createRandom(1, 'game', game), extras: [[]], states: false,
      threads: 2, hookSeconds: 5, spreadAfter: 1, source: { scenario: 'simple', options: {}, seed: 1 } })
    for (let n = 0; n < 3; n++) {
      games.next.actions[0].data.fill(0)
      for (let game = 0; game < 4; game++) games.next.actions[0].data[5 * game] = 1
      games.advance()
    }
    console.log(games.threads)
  `
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    encoding: 'utf8',
  })
  expect({ stdout, stderr, status }).toEqual({ stdout: '2\n', stderr: '', status: 0 })
})
