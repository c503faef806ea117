// Whether a run can be played by actors as its settings say, and how many games it has where they do not.
import type { TrajectoryShape } from '../../actors/trajectory-message.ts'
import { ConfigError } from '../../errors.ts'
import type { Overrides, RunConfig } from '../config/config.ts'
import type { SettingsByTeam } from '../config/team-settings.ts'
import type { Players } from '../players.ts'

/** A game for each actor where nobody says how many there are. `layers`: what was said, by whoever. */
export function withGamesForActors(config: RunConfig, layers: readonly Overrides[]): RunConfig {
  const { actors } = config.run
  if (actors === null || layers.some(({ run }) => run?.games !== undefined)) return config
  return { ...config, run: { ...config.run, games: actors } }
}

/** @throws ConfigError for what actors cannot play */
export function refuseUnfitActors({
  config,
  players,
}: {
  readonly config: RunConfig
  readonly players: Players
}): void {
  const { actors, games } = config.run
  if (actors === null) return
  if (games % actors !== 0) {
    throw new ConfigError(
      'run.actors',
      `expected a divisor of run.games ${games}, got ${actors}: every actor plays as many of the games; --games ${actors * Math.ceil(games / actors)} would do`,
    )
  }
  const past = [...players].find(([, { kind }]) => kind === 'past')
  if (past !== undefined) {
    throw new ConfigError(
      'run.actors',
      `expected null where a team is played by earlier copies of another one (team.${past[0]}), got ${actors}: actors know the weights of one version alone`,
    )
  }
}

/**
 * In order of arrival a rollout is made of whole blocks of one actor's trajectory each.
 * @throws ConfigError where they do not fit, or would be cut while agents wait
 */
export function refuseUnfitForArrival(
  { teamSettings }: { readonly teamSettings: SettingsByTeam },
  { steps, agents }: Pick<TrajectoryShape, 'steps' | 'agents'>,
): void {
  const lengths = [...teamSettings.values()].flatMap(({ rolloutSteps }) =>
    typeof rolloutSteps === 'number' ? rolloutSteps : [],
  )
  const unfit = lengths.find(length => steps % length !== 0)
  if (unfit !== undefined) {
    throw new ConfigError(
      'run.trajectorySteps',
      `expected a multiple of learner.rolloutSteps ${unfit} in order of arrival (run.actorOrder), got ${steps}`,
    )
  }
  const waits = agents.find(({ mayBeAbsent }) => mayBeAbsent === true)
  if (waits === undefined || lengths.length === 0) return
  throw new ConfigError(
    'run.actorOrder',
    `expected fixed where agents wait (${waits.id}) and learn from rollouts of steps (learner.rolloutSteps), got arrival: what comes of a step may lie beyond the end of its trajectory; algorithms over a replay buffer learn so too`,
  )
}
