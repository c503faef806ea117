// Plays a recording again: from its openings by its joint actions, the game comes to the states that were recorded, or it does not.
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Opening } from '../experiment/show.ts'
import { fingerprint } from '../fingerprint.ts'
import { createRandom } from '../random.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import type { RecordedGame } from './format.ts'
import type { RecordedMoment } from './recording.ts'

/** A game of the recorded scenario with an opening's options. @throws ConfigError or FileError where there is none like it */
export type GameMaker = (opening: Opening, game: RecordedGame) => Promise<MarkovGame>

export interface Resimulation {
  /** The game after a moment. Moments are given in order; null: no opening came yet, so nobody knows. */
  follow(moment: RecordedMoment): Promise<MarkovGame | null>
  /**
   * How the last moment given came about. step: by a joint action; again: an opening that was brought about anew, an episode from its
   * seed, an entity put elsewhere; restored: an opening whose past is not known; otherwise: one that should have come about and did not.
   */
  readonly way: 'step' | 'again' | 'restored' | 'otherwise'
}

/** Games are made once for each scenario and set of options that follow each other. */
export function createResimulation(make: GameMaker): Resimulation {
  let game: MarkovGame | null = null
  /** What the game was made for. */
  let made = ''
  let madeOf: RecordedGame | null = null
  let rows: readonly Matrix[] = []
  let way: Resimulation['way'] = 'restored'
  const open = async (opening: Opening, recorded: RecordedGame, actions: number, step: number) => {
    const key = JSON.stringify([opening.scenario, opening.version, opening.options])
    const before = game
    if (before === null || key !== made || recorded !== madeOf) {
      game = await make(opening, recorded)
      made = key
      madeOf = recorded
      rows = game.agents.map(({ actionSpace }) => {
        const columns = actionSize(actionSpace)
        return { rows: 1, columns, data: new Float32Array(columns) }
      })
      const size = rows.reduce((sum, { columns }) => sum + columns, 0)
      if (size !== actions) {
        throw new RangeError(`${opening.scenario}: its joint action has ${size} numbers, the recording has ${actions}`)
      }
    }
    const known = bringAbout(game!, opening, before === game, step)
    if (known && fingerprint(game!.save()) === fingerprint(opening.game)) {
      way = 'again'
      return
    }
    way = known ? 'otherwise' : 'restored'
    game!.reset(createRandom(opening.seed, 'exhibition'))
    game!.restore(opening.game)
  }
  return {
    get way() {
      return way
    },
    async follow({ frame, opening, game: recorded }) {
      if (opening !== null) await open(opening, recorded, frame.actions.length, frame.step)
      else if (game !== null) {
        let at = 0
        for (const { data } of rows) {
          data.set(frame.actions.subarray(at, at + data.length))
          at += data.length
        }
        game.step(rows, 0)
        way = 'step'
      }
      return game
    },
  }
}

/** Does to the game what led to the opening, `step` steps into its episode. False where that is not known. */
function bringAbout(game: MarkovGame, { cause, seed, drag }: Opening, same: boolean, step: number): boolean {
  if (cause === 'drag') {
    if (!same || drag === undefined || game.handles?.drag === undefined) return false
    game.handles.drag(drag.entity, drag.position[0], drag.position[1])
    return true
  }
  if (step > 0) return false
  game.reset(createRandom(seed, 'exhibition'))
  return true
}
