// All scenarios that ship with marlstrom, by id.
import type { Scenario } from '../src/envs/scenario.ts'
import { simple_spread } from './simple_spread.ts'

export const scenarios: Readonly<Record<string, Scenario>> = { simple_spread }
