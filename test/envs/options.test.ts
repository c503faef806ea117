// Scenario options: defaults, legal values, and what every wrong one is told.
import { expect, it } from 'vitest'
import { particleDefinition } from '../../src/envs/game-definition.ts'
import { count, type OptionTable, ratio, resolveOptions, type Scenario } from '../../src/envs/scenario.ts'
import { validateScenario } from '../../src/envs/validate-scenario.ts'
import { ConfigError } from '../../src/errors.ts'
import { example } from './example-scenario.ts'

it('gives the defaults of the scenario and of all particle scenarios', () => {
  expect(resolveOptions(example)).toEqual({
    runners: 2,
    share: 0.5,
    gain: 1.5,
    fast: false,
    sight: null,
    mode: 'day',
    rules: 'mpe2',
    actions: 'discrete',
    maxCycles: 25,
    worldState: 'all',
  })
})

it('takes what is given and legal', () => {
  const given = { runners: 5, share: 1, gain: -2, fast: true, sight: 0, mode: 'night', rules: 'openai', maxCycles: 1 }
  expect(resolveOptions(example, given)).toMatchObject(given)
})

it.each([
  [{ runers: 3 }, "scenario.runers: unknown option 'runers'; did you mean 'runners'?"],
  [{ toString: 3 }, "scenario.toString: unknown option 'toString'"],
  [{ runners: 0 }, 'scenario.runners: expected a whole number from 1 to 5, got 0'],
  [{ runners: 6 }, 'scenario.runners: expected a whole number from 1 to 5, got 6'],
  [{ runners: 2.5 }, 'scenario.runners: expected a whole number from 1 to 5, got 2.5'],
  [{ runners: '2' }, 'scenario.runners: expected a whole number from 1 to 5, got "2"'],
  [{ runners: null }, 'scenario.runners: expected a whole number from 1 to 5, got null'],
  [{ share: 1.1 }, 'scenario.share: expected a number from 0 to 1, got 1.1'],
  [{ share: Number.NaN }, 'scenario.share: expected a number from 0 to 1, got NaN'],
  [{ gain: Number.POSITIVE_INFINITY }, 'scenario.gain: expected a number of at least -2, got Infinity'],
  [{ fast: 1 }, 'scenario.fast: expected true or false, got 1'],
  [{ sight: -1 }, 'scenario.sight: expected a whole number of at least 0 or null, got -1'],
  [{ mode: 'dusk' }, 'scenario.mode: expected one of day, night, got "dusk"'],
  [{ rules: 'mpe3' }, 'scenario.rules: expected one of mpe2, openai, got "mpe3"'],
  [{ maxCycles: 0 }, 'scenario.maxCycles: expected a whole number of at least 1, got 0'],
  [{ rules: 'openai', actions: 'continuous' }, 'scenario.actions: the openai rules know no continuous actions'],
])('refuses %o', (given, message) => {
  expect(() => resolveOptions(example, given)).toThrow(ConfigError)
  expect(() => resolveOptions(example, given)).toThrow(message)
})

it('takes another default of how long an episode is from the scenario', () => {
  const longer = { ...example, options: { ...example.options, maxCycles: count(60, { min: 1, max: 90 }, 'steps') } }
  expect(resolveOptions(longer)).toMatchObject({ maxCycles: 60, rules: 'mpe2' })
  expect(resolveOptions(longer, { maxCycles: 70 })).toMatchObject({ maxCycles: 70 })
  expect(() => resolveOptions(longer, { maxCycles: 91 })).toThrow('expected a whole number from 1 to 90, got 91')
  expect(particleDefinition(longer as unknown as Scenario).options.maxCycles).toBe(longer.options.maxCycles)
  const withOption = (options: OptionTable) => ({ ...longer, options }) as unknown as Scenario
  expect(() => validateScenario(withOption({ maxCycles: ratio(0.5, 'no') }))).toThrow(
    /option 'maxCycles' must be a count of at least 1, got .*; write maxCycles: count\(50/,
  )
  expect(() => validateScenario(withOption({ rules: ratio(0.5, 'no') }))).toThrow('is one that every scenario has')
})
