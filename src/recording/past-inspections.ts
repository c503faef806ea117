// What agents of a recording saw: the game is simulated beside the playback as soon as an agent is inspected.
import type { MarkovGame } from '../envs/markov-game.ts'
import { allowedNow } from '../envs/mask-reader.ts'
import type { Inspection } from '../experiment/show.ts'
import { actionSize } from '../spaces.ts'
import type { RecordedMoment, Recording } from './recording.ts'
import { createResimulation, type GameMaker, type Resimulation } from './resimulate.ts'

export interface PastInspections {
  /** The playback has come to a moment. */
  follow(moment: RecordedMoment): void
  /** Of the moment that was followed last; `next`: the one after it. Null until the simulation has caught up, and of users' scenarios. */
  inspect(agent: number, next: RecordedMoment | null): Inspection | null
}

export function createPastInspections(recording: Recording, make: GameMaker): PastInspections {
  let present: RecordedMoment | null = null
  let simulated: { readonly number: number; readonly game: MarkovGame; readonly simulation: Resimulation } | null = null
  let busy = false

  /** Simulates up to the present moment, one step or from the opening before it. */
  const catchUp = async () => {
    if (busy || present === null) return
    busy = true
    try {
      while (present.frame.number !== simulated?.number) {
        const { number } = present.frame
        const goesOn = simulated !== null && number === simulated.number + 1
        if (goesOn) await advance(simulated!.simulation, present)
        else await begin(number)
      }
    } catch {
      // What cannot be simulated cannot be inspected; it is watched all the same.
      simulated = null
    } finally {
      busy = false
    }
  }
  const advance = async (simulation: Resimulation, moment: RecordedMoment) => {
    const game = await simulation.follow(moment)
    simulated = game && { number: moment.frame.number, game, simulation }
  }
  const begin = async (number: number) => {
    const opening = await recording.openingBefore(number)
    if (opening === null) throw new RangeError(`frame ${number} has no opening before it`)
    const simulation = createResimulation(async (...of) => {
      const game = await make(...of)
      game.handles?.watchRewards?.(true)
      return game
    })
    for await (const moment of recording.from(opening.frame.number)) {
      await advance(simulation, moment)
      if (moment.frame.number >= number) return
    }
  }

  return {
    follow(moment) {
      present = moment
      if (simulated !== null) void catchUp()
    },
    inspect(agent, next) {
      // Watching a recording never runs the code that is in it.
      if (present === null || present.game.source !== null) return null
      if (simulated?.number !== present.frame.number) {
        void catchUp()
        return null
      }
      const { game } = simulated
      const observation = new Float64Array(game.agents[agent]!.observationSize)
      if (game.present[agent] === 1) game.observe(agent, observation)
      const sees = new Uint8Array(present.game.schema.entities.length)
      game.handles?.sees?.(agent, sees)
      const action = actionOf(game, agent, next)
      const mask = allowedNow(game, agent)
      return {
        agent,
        observation: Float32Array.from(observation),
        action,
        probabilities: action,
        ...(mask === undefined ? {} : { mask }),
        value: null,
        rewardParts: Object.fromEntries(game.handles?.rewardParts?.(agent) ?? []),
        sees,
      }
    },
  }
}

/** What the agent did next; zeros where an episode ends. */
function actionOf({ agents }: MarkovGame, agent: number, next: RecordedMoment | null): Float32Array {
  const sizes = agents.map(({ actionSpace }) => actionSize(actionSpace))
  const from = sizes.slice(0, agent).reduce((sum, size) => sum + size, 0)
  if (next === null || next.opening !== null) return new Float32Array(sizes[agent]!)
  return next.frame.actions.slice(from, from + sizes[agent]!)
}
