// What viewers may ask a game for: over the budget it is refused before it is built, and the game before plays on.
import { describe, expect, it } from 'vitest'
import { particleDefinition } from '../../src/envs/game-definition.ts'
import { count, defineScenario, many } from '../../src/envs/scenario.ts'
import { budgetBeside, demandPace, sizeOf, viewersBudget, withinBudget } from '../../src/exhibition/budget.ts'
import { createExhibition } from '../../src/exhibition/exhibition.ts'
import { createSession } from '../../src/experiment/session.ts'
import { baselineSetup, games } from '../../src/index.ts'
import { createTinyGame } from '../support/tiny-game.ts'
import { tinySession } from '../support/tiny-session.ts'

/** A scenario that counts how often agents were asked what they see. */
function crowd() {
  const asked = { observations: 0 }
  const scenario = defineScenario({
    id: 'crowd',
    version: 1,
    description: 'as many agents as are asked for, each of whom sees so many numbers',
    options: { agents: count(2, {}, 'agents'), sees: count(1, {}, 'numbers that each sees') },
    world: ({ options }) => ({ agents: many(options.agents, i => ({ id: `a_${i}` })) }),
    reset() {},
    observe({ see, options }) {
      asked.observations++
      see.numbers('all', new Float64Array(options.sees))
    },
    reward: () => 0,
  })
  return { asked, definition: particleDefinition(scenario) }
}

describe('the budget', () => {
  it('counts entities before anybody is asked what they see', () => {
    const { asked, definition } = crowd()
    const limited = withinBudget(definition, viewersBudget)
    expect(() => limited.create({ agents: 2001 })).toThrow(
      /over the budget for viewers: the game would need 2,001 entities, the budget is 2,000/,
    )
    expect(asked.observations).toBe(0)
    expect(limited.create({ agents: 1000 }).agents).toHaveLength(1000)
  })

  it('counts observed numbers as they come, and goes no further than they fit', () => {
    const { asked, definition } = crowd()
    const limited = withinBudget(definition, { ...viewersBudget, observed: 100 })
    expect(() => limited.create({ agents: 50, sees: 30 })).toThrow(/120 observed numbers or more, the budget is 100/)
    expect(asked.observations).toBe(4)
  })

  it('holds for games that are no particle worlds', () => {
    const definition = { create: () => createTinyGame({ agents: 3 }) }
    expect(() => withinBudget(definition, { ...viewersBudget, entities: 2 }).create()).toThrow(/3 entities/)
    expect(() => withinBudget(definition, { ...viewersBudget, observed: 5 }).create()).toThrow(/6 observed numbers/)
  })

  it('refuses a game whose steps take too long', () => {
    expect(() => demandPace(createTinyGame(), 1, { ...viewersBudget, stepMilliseconds: 0 })).toThrow(
      /1 milliseconds for a step, the budget is 0/,
    )
    expect(() => demandPace(createTinyGame(), 1, { ...viewersBudget, stepMilliseconds: 60_000 })).not.toThrow()
  })

  it('is never less than what the owner started', () => {
    const own = sizeOf(crowd().definition.create({ agents: 2500, sees: 1000 }))
    expect(budgetBeside(own)).toEqual({ ...viewersBudget, entities: 2500, observed: 2_500_000 })
  })
})

describe('an exhibition', () => {
  it('refuses a game over the budget, and the one before plays on', () => {
    const session = createSession(tinySession)
    const show = createExhibition(baselineSetup(games.simple_adversary!, {}, 1), session)
    const before = session.state.exhibition.options
    const game = show.current.play.game
    for (const agents of [3000, 12_000]) {
      expect(() => void show.command({ type: 'options', options: { agents } }, 'v')).toThrow(/over the budget/)
    }
    expect(session.state.exhibition.options).toBe(before)
    expect(show.current.play.game).toBe(game)
    expect(() => void show.command({ type: 'options', options: { agents: 5 } }, 'v')).not.toThrow()
  })
})
