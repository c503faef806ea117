// All scenarios that ship with marlstrom, by id.
import type { Scenario } from '../src/envs/scenario.ts'
import { simple } from './simple.ts'
import { simple_adversary } from './simple_adversary.ts'
import { simple_crypto } from './simple_crypto.ts'
import { simple_push } from './simple_push.ts'
import { simple_reference } from './simple_reference.ts'
import { simple_speaker_listener } from './simple_speaker_listener.ts'
import { simple_spread } from './simple_spread.ts'
import { simple_tag } from './simple_tag.ts'
import { simple_world_comm } from './simple_world_comm.ts'

type Shipped =
  | 'simple'
  | 'simple_adversary'
  | 'simple_crypto'
  | 'simple_push'
  | 'simple_reference'
  | 'simple_speaker_listener'
  | 'simple_spread'
  | 'simple_tag'
  | 'simple_world_comm'

/** The particle scenarios that ship, by id. */
export const scenarios: Readonly<Record<Shipped, Scenario>> & Readonly<Record<string, Scenario>> = {
  simple,
  simple_adversary,
  simple_crypto,
  simple_push,
  simple_reference,
  simple_speaker_listener,
  simple_spread,
  simple_tag,
  simple_world_comm,
}
