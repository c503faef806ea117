// Options of a game that viewers change while it is watched.
import type { GameDefinition } from '../envs/game-definition.ts'
import { ConfigError, unknownName } from '../errors.ts'
import type { AllowedOption } from '../experiment/session.ts'
import { resolveTable } from '../settings/option.ts'

/** Every option of a definition, as viewers are shown it. */
export function allowedOptions({ options }: Pick<GameDefinition, 'options'>): AllowedOption[] {
  return Object.entries(options).map(([name, option]) => ({ ...option, name }))
}

/** All values, those in `change` on top of those before. @throws ConfigError naming `scenario.<option>` */
export function changedOptions(
  { options }: Pick<GameDefinition, 'options'>,
  before: Readonly<Record<string, unknown>>,
  change: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  for (const name of Object.keys(change)) {
    if (!Object.hasOwn(options, name)) {
      throw new ConfigError(`scenario.${name}`, unknownName('option', name, Object.keys(options)))
    }
  }
  return resolveTable(options, { ...before, ...change })
}
