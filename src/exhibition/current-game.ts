// The present game of an exhibition, who plays it and who controls agents in it; every change of its state is a moment.
import type { FrameSchema } from '../envs/frame.ts'
import { frameSchema } from '../envs/frame-schema.ts'
import { versionOf } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { placed } from '../errors.ts'
import type { ExhibitionState } from '../experiment/session.ts'
import type { Moment, Opening } from '../experiment/show.ts'
import { fingerprint } from '../fingerprint.ts'
import { createRandom } from '../random.ts'
import { copySaved } from '../saved.ts'
import { budgetBeside, demandPace, sizeOf, withinBudget } from './budget.ts'
import { createManualControl, type ManualControl } from './manual-control.ts'
import { allowedOptions, changedOptions } from './options.ts'
import { createPlay, type Play, type PlayState } from './play.ts'
import type { ExhibitionSetup } from './setup.ts'
import { createTeamPlayers, type TeamPlayers } from './team-players.ts'

/** The state from which an exhibition continues another one; fields that are absent have their initial values. */
export interface ExhibitionStart {
  readonly number?: number
  readonly episode?: number
  /** Whether a game that draws no pictures is shown by its numbers alone; absent: it is refused. */
  readonly withoutPictures?: boolean
  readonly seed?: number
  readonly players?: Readonly<Record<string, string>>
  /** In the middle of the episode: how the game stands. */
  readonly state?: PlayState
}

export interface CurrentGame {
  readonly schema: FrameSchema
  readonly play: Play
  readonly teamPlayers: TeamPlayers
  readonly manual: ManualControl
  /** What the session says about it. */
  readonly state: Omit<ExhibitionState, 'paused' | 'speed'>
  /** One step, or the begin of the next episode where one has ended. */
  advance(): Moment
  /** A new episode: that of a seed, or the next one. */
  reset(seed?: number): Moment
  /** Another game, with other options. @throws ConfigError where they are wrong or over the budget, or those who play cannot play it. */
  change(options: Readonly<Record<string, unknown>>): Moment
  /** @throws RangeError where the entity cannot be put there. */
  drag(entity: number, position: readonly [number, number]): Moment
  /** Another player for a team, from now on. @throws ConfigError */
  setPlayer(team: string, who: string): void
  /** The present moment, with all that is needed to play on from it. */
  present(): Moment
}

/** Begins the first episode. @throws TypeError when the game cannot be drawn, ConfigError for wrong options or players. */
export function createCurrentGame(setup: ExhibitionSetup, start: ExhibitionStart = {}): CurrentGame {
  const { definition } = setup
  const optionsAllowed = allowedOptions(definition)
  let options = changedOptions(definition, {}, setup.options)
  let seed = start.seed ?? setup.seed
  let number = start.number ?? 0
  let episode = start.episode ?? 0
  let schema: FrameSchema
  let teamPlayers: TeamPlayers
  let manual: ManualControl | undefined
  let play: Play

  const open = (game: MarkovGame, players: Readonly<Record<string, string>>) => {
    // All that can be refused comes before anything changes.
    if (game.frames === undefined && start.withoutPictures !== true) {
      throw new TypeError(`${game.id}: expected a game with frames to draw, got none`)
    }
    const nextSchema = frameSchema(game)
    teamPlayers = createTeamPlayers(setup, game, players)
    schema = nextSchema
    manual = createManualControl(game, manual)
    play = createPlay(game, { manualAction: agent => manual!.row(agent) })
    game.handles?.watchRewards?.(true)
  }
  const begin = (from: number) => {
    seed = from
    teamPlayers.policies(seed).forEach((policy, agent) => void play.setPolicy(agent, policy))
    play.begin(createRandom(seed, 'exhibition'))
    episode++
  }
  const resume = (state: PlayState) => play.resume(state)
  const moment = (cause: Opening['cause'] | null, drag?: Opening['drag']): Moment => ({
    frame: { number, at: Date.now(), episode, ...play.picture() },
    opening: cause && {
      cause,
      scenario: definition.id,
      version: versionOf(definition, options),
      options,
      seed,
      game: copySaved(play.game.save()),
      players: teamPlayers.players,
      ...(drag && { drag }),
    },
    fingerprint: () => fingerprint(play.game.save()),
  })
  const next = (...of: Parameters<typeof moment>) => {
    number++
    return moment(...of)
  }

  const first = definition.create(options)
  const budget = budgetBeside(sizeOf(first))
  const limited = setup.limited?.(budget) ?? withinBudget(definition, budget)
  open(first, start.players ?? {})
  begin(seed)
  if (start.state !== undefined) resume(start.state)
  return {
    get schema() {
      return schema
    },
    get play() {
      return play
    },
    get teamPlayers() {
      return teamPlayers
    },
    get manual() {
      return manual!
    },
    get state() {
      const { players } = teamPlayers
      // Who plays may have come from a checkpoint that has been removed since.
      const choices = Object.fromEntries(
        Object.entries(players).map(([team, who]) => [team, [...new Set([...setup.choices(team, play.game), who])]]),
      )
      return { seed, options, optionsAllowed, players, choices, taken: manual!.taken }
    },
    advance() {
      if (play.over) return this.reset()
      try {
        play.step()
        return next(null)
      } catch (error) {
        throw placed(error, { during: 'exhibition', episode, step: play.steps + 1, seed })
      }
    },
    reset(from = seed + 1) {
      begin(from)
      return next('reset')
    },
    change(changes) {
      const changed = changedOptions(definition, options, changes)
      demandPace(limited.create(changed), seed, budget)
      open(limited.create(changed), teamPlayers.players)
      options = changed
      begin(seed)
      return next('options')
    },
    drag(entity, position) {
      play.drag(entity, ...position)
      return next('drag', { entity, position })
    },
    setPlayer(team, who) {
      teamPlayers = teamPlayers.withPlayer(team, who)
      const policies = teamPlayers.policies(seed)
      for (const agent of teamPlayers.agentsOf(team)) play.setPolicy(agent, policies[agent]!)
    },
    present: () => moment('first'),
  }
}
