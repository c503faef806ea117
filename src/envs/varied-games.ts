// Games whose options change from one episode to the next: each is a game that is made anew where its next episode has other options.
import { ConfigError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { AgentSpec, Matrix, ObservationPart, Saved, Stateful } from '../types.ts'
import { agentsOf } from './game-agents.ts'
import type { MarkovGame } from './markov-game.ts'

/** Options of a game, by name, in place of those that it would have. */
export type Variation = Readonly<Record<string, unknown>>

/** What is saved: which options all have next, and each has now, as JSON. */
export interface VariedGames extends Stateful {
  /** One more game; its first episode has the options of then. */
  create(): MarkovGame
  /** Episodes that begin from now on have these options. @throws ConfigError for options that the game refuses, or with which it has other agents */
  vary(options: Variation): void
}

/** `make`: a game with options in place of some of its own. */
export function createVariedGames(make: (options: Variation) => MarkovGame, first: Variation): VariedGames {
  const games: VariedGame[] = []
  const usual = signatureOf(make({}))
  const checked = (options: Variation) => {
    const game = make(options)
    if (signatureOf(game) !== usual) {
      const [name = ''] = Object.keys(options)
      throw new ConfigError(
        `scenario.${name}`,
        `cannot be ${JSON.stringify(options[name])} while the run trains: expected the same agents, observations, actions and states, ` +
          'which its networks are made for; train another run, or fork',
      )
    }
    return game
  }
  let wanted = JSON.stringify(first)
  checked(first)

  class VariedGame implements MarkovGame {
    /** As JSON. */
    options = wanted
    game = make(JSON.parse(wanted))
    readonly id: string
    readonly agents: readonly AgentSpec[]
    readonly absences: boolean
    declare readonly stateParts?: readonly ObservationPart[]
    declare script?: NonNullable<MarkovGame['script']>
    declare actionMask?: NonNullable<MarkovGame['actionMask']>
    declare state?: NonNullable<MarkovGame['state']>
    declare measure?: NonNullable<MarkovGame['measure']>

    constructor() {
      const { game } = this
      this.id = game.id
      this.agents = game.agents
      this.absences = game.absences ?? false
      if (game.stateParts) this.stateParts = game.stateParts
      if (game.script) this.script = (agent, actions, row) => this.game.script!(agent, actions, row)
      if (game.actionMask) this.actionMask = (agent, row) => this.game.actionMask!(agent, row)
      if (game.state) this.state = row => this.game.state!(row)
      if (game.measure) this.measure = () => this.game.measure!()
    }

    get rewards(): Float64Array {
      return this.game.rewards
    }

    get present(): Uint8Array {
      return this.game.present
    }

    get terminated(): Uint8Array {
      return this.game.terminated
    }

    get truncated(): boolean {
      return this.game.truncated
    }

    reset(random: Random): void {
      this.become(wanted)
      this.game.reset(random)
    }

    step(actions: readonly Matrix[], row: number): void {
      this.game.step(actions, row)
    }

    observe(agent: number, row: Float64Array): void {
      this.game.observe(agent, row)
    }

    save(): Saved {
      return this.game.save()
    }

    restore(saved: Saved): void {
      this.game.restore(saved)
    }

    become(options: string): void {
      if (options === this.options) return
      this.game = make(JSON.parse(options))
      this.options = options
    }
  }

  return {
    create() {
      const game = new VariedGame()
      games.push(game)
      return game
    },
    vary(options) {
      const asked = JSON.stringify(options)
      if (asked === wanted) return
      checked(options)
      wanted = asked
    },
    save: () => ({ wanted, games: games.map(({ options }) => options) }),
    restore(saved) {
      const state = saved as { readonly wanted: string; readonly games: readonly string[] }
      wanted = state.wanted
      games.forEach((game, i) => void game.become(state.games[i]!))
    },
  }
}

/** What networks are made for. */
function signatureOf(game: MarkovGame): string {
  const agents = agentsOf(game).map(({ id, team, observationSize, actionSpace, isMasked, mayBeAbsent }) => {
    return [id, team, observationSize, actionSpace, isMasked, mayBeAbsent]
  })
  const optional = [game.script, game.state, game.measure].map(member => member !== undefined)
  return JSON.stringify([agents, game.stateParts, optional])
}
