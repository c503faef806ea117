// A run that plays its game with other options than it was trained with, such as other numbers of agents.
import { ConfigError } from '../errors.ts'
import { gameOf } from './find-game.ts'
import { areSameAgents } from './other-agents.ts'
import type { CompleteSettings } from './plan.ts'
import type { Run } from './run.ts'

/** Options of a game by their names. */
export type GameOptions = Readonly<Record<string, unknown>>

type Playing = Pick<
  Run,
  'config' | 'settings' | 'definition' | 'agents' | 'roster' | 'parts' | 'createMembers' | 'otherAgents'
>

/** What is another's in a game with other options. */
type Changed = 'config' | 'settings' | 'agents' | 'roster' | 'parts' | 'createMembers' | 'createGame'

/**
 * What changes of a run where some options of its game do. Its learners must have been restored: others act by weights as they are now.
 * @throws ConfigError naming an option that is wrong, or the condition that fails where teams have other sizes: see `donorsOf`
 */
export function inGame(run: Playing, options: GameOptions): Pick<Run, Changed> {
  const [first = 'id'] = Object.keys(options)
  const config = { ...run.config, scenario: { ...run.config.scenario, ...options } }
  const settings: CompleteSettings = { ...run.settings, scenario: { ...run.settings.scenario, ...options } }
  const createGame = gameOf(config, run.definition)
  const { agents } = createGame()
  const { roster, parts, createMembers } = run
  if (areSameAgents(run.agents, agents)) return { config, settings, agents, createGame, roster, parts, createMembers }
  const path = `scenario.${first}`
  const members = run.otherAgents(agents, path)
  return {
    config,
    settings,
    agents,
    createGame,
    roster: members.roster,
    parts: members.parts,
    createMembers() {
      const trained = run.createMembers()
      const others = run.otherAgents(agents, path, { ...run, roster: trained.roster })
      return {
        roster: others.roster,
        restore(saved) {
          trained.restore(saved)
          others.refresh()
        },
      }
    },
  }
}

/** @throws ConfigError where something else than an option of the game is to change. */
export function gameOptions(overrides: { readonly [section: string]: object | undefined }): GameOptions {
  for (const [section, values] of Object.entries(overrides)) {
    const key = Object.keys(values ?? {}).find(key => section !== 'scenario' || key === 'id')
    if (key === undefined) continue
    throw new ConfigError(
      `${section}.${key}`,
      'cannot change where a trained run plays; expected an option of its scenario, like scenario.agents',
    )
  }
  return { ...overrides.scenario }
}
