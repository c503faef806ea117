// The algorithms by id: how a team can learn.
import type { Algorithm } from '../learning/algorithm.ts'
import { m3ddpg } from '../maddpg/m3ddpg.ts'
import { mad4pg } from '../maddpg/mad4pg.ts'
import { ddpg, maddpg } from '../maddpg/maddpg.ts'
import { masac } from '../maddpg/masac.ts'
import { matd3 } from '../maddpg/matd3.ts'
import { a2c } from '../policy-gradient/a2c.ts'
import { ppo } from '../policy-gradient/ppo.ts'
import { reinforce } from '../policy-gradient/reinforce.ts'

/** In the order in which they are listed. */
export const algorithms: Readonly<Record<string, Algorithm>> = {
  maddpg,
  ddpg,
  matd3,
  m3ddpg,
  masac,
  mad4pg,
  reinforce,
  a2c,
  ppo,
}
