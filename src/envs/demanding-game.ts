// The games of a definition, refused as soon as they break the contract of a game: by the same checks as `check`.
import { GameError } from '../errors.ts'
import type { GameDefinition } from './game-definition.ts'
import type { MarkovGame } from './markov-game.ts'
import { badFigure, badFlag, endedTwice, overAtOnce } from './sound-moment.ts'
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
  /** [agents]; 1: it had terminated before the step. */
  const gone = new Uint8Array(game.agents.length)
  const refuse = (message: string) => new GameError(`${id}: ${message}`, {}, undefined)
  const demandFlags = () => {
    const { truncated, terminated, present } = game
    if (truncated !== true && truncated !== false) throw refuse(badFlag('truncated', truncated))
    for (let agent = 0; agent < gone.length; agent++) {
      const [ended, there] = [terminated[agent], present[agent]]
      if (ended !== 0 && ended !== 1) throw refuse(badFlag('terminated', ended, game.agents[agent]!.id))
      if (there !== 0 && there !== 1) throw refuse(badFlag('present', there, game.agents[agent]!.id))
    }
  }
  game.reset = random => {
    reset.call(game, random)
    demandFlags()
    if (game.truncated || game.terminated.includes(1)) throw refuse(overAtOnce)
  }
  game.step = (actions, row) => {
    const before = game.terminated
    for (let agent = 0; agent < gone.length; agent++) gone[agent] = before[agent]!
    step.call(game, actions, row)
    demandFlags()
    if (!game.truncated) return
    const { terminated, present } = game
    const both = gone.findIndex((before, agent) => before === 0 && terminated[agent] === 1 && present[agent] === 1)
    if (both >= 0) throw refuse(`${game.agents[both]!.id}: ${endedTwice}`)
  }
  if (measure === undefined) return game
  game.measure = () => {
    const figures = measure.call(game)
    for (const name in figures) if (!Number.isFinite(figures[name])) throw refuse(badFigure(name, figures[name]))
    return figures
  }
  return game
}
