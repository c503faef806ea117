// What every scenario promises, over the whole registry: adding a scenario adds its tests.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import { createRandom } from '../../src/random.ts'
import { createRun } from '../../src/run/run.ts'
import { act, emptyActions, outcome, play } from '../envs/playing.ts'
import { tinyConfig } from '../support/tiny-config.ts'
import { playEpisodes, teamsOf } from './playing.ts'

/** Both rules and both kinds of actions. */
const ways = [{ rules: 'mpe2' }, { rules: 'mpe2', actions: 'continuous' }, { rules: 'openai' }] as const

describe.each(Object.entries(scenarios))('%s', (id, scenario) => {
  const started = (options: Readonly<Record<string, unknown>> = {}, seed = 1): ParticleGame => {
    const game = createParticleGame(scenario, options)
    game.reset(createRandom(seed, 'episode'))
    return game
  }

  it('is one short file that begins with a sentence', () => {
    const text = readFileSync(path.join(import.meta.dirname, '../../scenarios', `${id}.ts`), 'utf8')
    expect(text.split('\n').length).toBeLessThanOrEqual(131)
    expect(text).toMatch(/^\/\/ [A-Z].*\.\n/)
    expect(text).not.toMatch(/: any\b|<any>|\bas (any|const|unknown|number|string)\b/)
    expect(scenario.id).toBe(id)
    expect(scenario.description.length).toBeGreaterThan(15)
    for (const option of Object.values(scenario.options)) expect(option.description.length).toBeGreaterThan(8)
  })

  it('is documented: picture, options, what agents see and what is measured', () => {
    const docs = path.join(import.meta.dirname, '../../docs')
    expect(readFileSync(path.join(docs, 'scenarios', `${id}.svg`), 'utf8')).toContain(scenario.description)
    const page = readFileSync(path.join(docs, 'scenarios.md'), 'utf8')
    const section = page.split(`\n## ${id}\n`)[1]?.split('\n## ')[0] ?? ''
    const game = started()
    const seen = game.agents.flatMap(agent => agent.observationParts.map(part => part.name))
    const names = [...Object.keys(scenario.options), ...Object.keys(game.measure!()), ...seen]
    expect(names.filter(name => !section.includes(`\`${name}\``))).toEqual([])
  })

  it('names every number that agents see', () => {
    for (const { observationParts, observationSize } of started().agents) {
      expect(observationParts.reduce((sum, part) => sum + part.size, 0)).toBe(observationSize)
      expect(new Set(observationParts.map(part => part.name)).size).toBe(observationParts.length)
    }
  })

  it.each(ways)('plays the same episode from the same seed, and another one from another: %o', way => {
    const episode = (seed: number) => {
      const game = started(way, seed)
      return [outcome(game), ...play(game, 10, createRandom(seed, 'actions'))]
    }
    expect(episode(1)).toEqual(episode(1))
    expect(episode(1)).not.toEqual(episode(2))
  })

  it('goes on from a saved game as it would have', () => {
    const game = started({}, 5)
    play(game, 3, createRandom(1))
    const saved = structuredClone(game.save())
    const expected = play(game, 10, createRandom(2))
    const other = started({}, 6)
    other.restore(saved)
    expect(play(other, 10, createRandom(2))).toEqual(expected)
  })

  it('is playable with every option at its bounds', () => {
    for (const options of extremes(scenario.options)) {
      const game = started(options)
      expect(game.agents.every(agent => agent.observationSize > 0)).toBe(true)
      const outcomes = play(game, 3, createRandom(1)).flat()
      expect(outcomes.every(Number.isFinite)).toBe(true)
      const actions = emptyActions(game)
      game.agents.forEach((_, i) => void game.script!(i, actions[i]!, 0))
      game.step(actions, 0)
      expect(Object.values(game.measure!()).every(Number.isFinite)).toBe(true)
    }
  })

  it('stays finite wherever things lie, at one point too', () => {
    const coordinate = fc.oneof(fc.constant(0), fc.constant(0.5), fc.double({ min: -2, max: 2, noNaN: true }))
    fc.assert(
      fc.property(fc.constantFrom(...ways), fc.infiniteStream(coordinate), fc.integer(), (way, coordinates, seed) => {
        const game = started(way, seed)
        const place = () => [coordinates.next().value!, coordinates.next().value!]
        game.place({ positions: game.world.agents.map(place), landmarks: game.world.landmarks.map(place) })
        const actions = emptyActions(game)
        const random = createRandom(seed)
        for (let step = 0; step < 4; step++) {
          act(game, actions, 0, random)
          if (step % 2 === 1) game.agents.forEach((_, i) => void game.script!(i, actions[i]!, 0))
          game.step(actions, 0)
          const { force } = game.world.agents[0]!
          const figures = Object.values(game.measure!())
          expect([force.x, force.y, ...figures, ...outcome(game)].every(Number.isFinite)).toBe(true)
        }
      }),
      { seed: 1, numRuns: 40 },
    )
  })

  it('rewards are the sums of their named parts', () => {
    for (const way of ways) {
      const game = started(way)
      game.watchRewards(true)
      play(game, 2, createRandom(4))
      game.rewardParts.forEach((parts, agent) => {
        const sum = [...parts.values()].reduce((total, value) => total + value, 0)
        expect(parts.size).toBeGreaterThan(0)
        expect(sum).toBeCloseTo(game.localRewards[agent]!, 12)
      })
    }
  })

  it.each(ways)('ships a controller that beats chance, team by team against chance: %o', way => {
    const episodes = 200
    const chance = playEpisodes(scenario, way, 'random', episodes)
    for (const team of teamsOf(started(way))) {
      const scripted = playEpisodes(scenario, way, 'random', episodes, { [team]: 'scripted' })
      // Five standard errors apart: no luck.
      const apart = Math.hypot(scripted.errors[team]!, chance.errors[team]!)
      expect(scripted.returns[team]!).toBeGreaterThan(chance.returns[team]! + 5 * apart)
    }
  })

  it('can be trained: update rounds of MADDPG under the original rules', async () => {
    const run = await createRun({ ...tinyConfig, scenario: { id, rules: 'openai' } })
    try {
      for (let step = 0; step < 80; step++) {
        const { observations, actions, extras } = run.vectorGame.next
        const { restarted } = run.vectorGame
        run.policies.forEach((policy, i) => {
          policy.act({
            observations: observations[i]!,
            restarted,
            explore: true,
            actions: actions[i]!,
            extras: extras[i]!,
          })
        })
        const step = run.vectorGame.advance()
        run.replay!.insert(step)
        run.rounds.take(step)
        while (run.rounds.due) run.rounds.advance()
      }
      expect(run.rounds.finished).toBeGreaterThan(0)
      expect(Object.values(run.rounds.takeFigures()).every(Number.isFinite)).toBe(true)
    } finally {
      run.dispose()
    }
  })
})

type Table = Readonly<Record<string, (typeof scenarios)[string]['options'][string]>>

/** Each option alone at each of its bounds, or a little beyond its default where it has none; then all lowest, all highest. */
function extremes(table: Table): Record<string, unknown>[] {
  const choices = Object.entries(table).map(([name, option]) => {
    if (option.kind === 'flag') return { name, values: [false, true] }
    if (option.choices) return { name, values: option.choices }
    return { name, values: [option.min ?? 0, option.max ?? (option.default ?? 2) + 2] }
  })
  const alone = choices.flatMap(({ name, values }) => values.map(value => ({ [name]: value })))
  const all = (pick: (values: readonly unknown[]) => unknown) =>
    Object.fromEntries(choices.map(({ name, values }) => [name, pick(values)]))
  return [...alone, all(values => values[0]), all(values => values.at(-1))]
}
