// The algorithms by id: how a team can learn.
import type { Algorithm } from '../learning/algorithm.ts'
import { dpg } from '../maddpg/dpg.ts'
import { m3ddpg } from '../maddpg/m3ddpg.ts'
import { mad4pg } from '../maddpg/mad4pg.ts'
import { ddpg, maddpg } from '../maddpg/maddpg.ts'
import { masac } from '../maddpg/masac.ts'
import { matd3 } from '../maddpg/matd3.ts'
import { a2c } from '../policy-gradient/a2c.ts'
import { a3c } from '../policy-gradient/a3c.ts'
import { acer } from '../policy-gradient/acer.ts'
import { acktr } from '../policy-gradient/acktr.ts'
import { coma } from '../policy-gradient/coma.ts'
import { happo } from '../policy-gradient/happo.ts'
import { hatrpo } from '../policy-gradient/hatrpo.ts'
import { impala } from '../policy-gradient/impala.ts'
import { offpac } from '../policy-gradient/offpac.ts'
import { ppg } from '../policy-gradient/ppg.ts'
import { ppo } from '../policy-gradient/ppo.ts'
import { reinforce } from '../policy-gradient/reinforce.ts'
import { svpg } from '../policy-gradient/svpg.ts'
import { trpo } from '../policy-gradient/trpo.ts'
import { facmac } from '../value-decomposition/facmac.ts'
import { iql } from '../value-decomposition/iql.ts'
import { qmix } from '../value-decomposition/qmix.ts'
import { vdn } from '../value-decomposition/vdn.ts'

/** In the order in which they are listed. */
export const algorithms: Readonly<Record<string, Algorithm>> = {
  maddpg,
  ddpg,
  dpg,
  matd3,
  m3ddpg,
  masac,
  mad4pg,
  reinforce,
  a2c,
  ppo,
  ppg,
  trpo,
  happo,
  hatrpo,
  coma,
  acktr,
  svpg,
  impala,
  a3c,
  acer,
  offpac,
  iql,
  vdn,
  qmix,
  facmac,
}

/** A name for an algorithm with some of its settings: it is stored as those, and all else is by default. */
export interface ShortName {
  /** The id of the algorithm. */
  readonly algorithm: string
  readonly settings: Readonly<Record<string, unknown>>
}

/** By name, in the order in which they are listed. */
export const shortNames: Readonly<Record<string, ShortName>> = {
  mappo: { algorithm: 'ppo', settings: { critic: 'joint' } },
  ippo: { algorithm: 'ppo', settings: { critic: 'local' } },
  maa2c: { algorithm: 'a2c', settings: { critic: 'joint' } },
  ia2c: { algorithm: 'a2c', settings: { critic: 'local' } },
  matrpo: { algorithm: 'trpo', settings: { critic: 'joint' } },
  itrpo: { algorithm: 'trpo', settings: { critic: 'local' } },
}
