// The games of a definition, refused as soon as they break the contract of a game: by the same checks as `check`.
import { GameError } from '../errors.ts'
import type { GameDefinition } from './game-definition.ts'
import { badFigure, badFlag, endedTwice, overAtOnce } from './game-faults.ts'
import type { MarkovGame } from './markov-game.ts'
import { demandGame } from './validate-game.ts'

/** The same definition, whose games are refused when they are created. */
export function demanding(definition: GameDefinition): GameDefinition {
  const { id, scenario } = definition
  return {
    ...definition,
    create(given) {
      const game: unknown = definition.create(given)
      demandGame(id, game, scenario !== undefined)
      return game
    },
  }
}

/**
 * The same definition, whose games are refused at the step at which they break their contract, by a GameError, as well; that numbers are
 * finite is asked by those who read them. The games must take other methods in place of their own, as those of `watchHooks` do.
 */
export function demandingSteps(definition: GameDefinition): GameDefinition {
  const sound = demanding(definition)
  return { ...sound, create: given => demandSteps(definition.id, sound.create(given)) }
}

function demandSteps(id: string, game: MarkovGame): MarkovGame {
  const { reset, step, measure } = game
  const agents = game.agents.length
  /** [agents]; 1: it had terminated before the step. */
  const gone = new Uint8Array(agents)
  const refuse = (message: string, member: string, agent = -1) =>
    new GameError(`${id}: ${message}`, { member, agent }, undefined)
  const nameOf = (agent: number) => game.agents[agent]!.id
  // Runs at every step: it makes no arrays and no functions.
  const demandFlags = () => {
    const { truncated, terminated, present } = game
    if (truncated !== true && truncated !== false) throw refuse(badFlag('truncated', truncated), 'done')
    for (let agent = 0; agent < agents; agent++) {
      const ended = terminated[agent]
      const there = present[agent]
      if (ended !== 0 && ended !== 1) throw refuse(badFlag('terminated', ended, nameOf(agent)), 'done', agent)
      if (there !== 0 && there !== 1) throw refuse(badFlag('present', there, nameOf(agent)), 'present', agent)
    }
  }
  game.reset = random => {
    reset.call(game, random)
    demandFlags()
    if (game.truncated || game.terminated.includes(1)) throw refuse(overAtOnce, 'reset')
  }
  game.step = (actions, row) => {
    const before = game.terminated
    for (let agent = 0; agent < agents; agent++) gone[agent] = before[agent]!
    step.call(game, actions, row)
    demandFlags()
    if (game.truncated) demandOneEnd()
  }
  /** In the last step of an episode that was cut. */
  const demandOneEnd = () => {
    const { terminated, present } = game
    for (let agent = 0; agent < agents; agent++) {
      if (gone[agent] === 0 && terminated[agent] === 1 && present[agent] === 1) {
        throw refuse(`${nameOf(agent)}: ${endedTwice}`, 'done', agent)
      }
    }
  }
  if (measure === undefined) return game
  game.measure = () => {
    const figures = measure.call(game)
    for (const name in figures)
      if (!Number.isFinite(figures[name])) throw refuse(badFigure(name, figures[name]), 'metrics')
    return figures
  }
  return game
}
