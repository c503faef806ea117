// Whether a run can be played by actors as its settings say, and how many games it has where they do not.
import { ConfigError } from '../../errors.ts'
import type { Overrides, RunConfig } from '../config/config.ts'
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
