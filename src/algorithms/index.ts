// The relatives of MADDPG by id: each file says only what differs.
import type { Algorithm } from '../agents/learner.ts'
import { m3ddpg } from './m3ddpg.ts'
import { mad4pg } from './mad4pg.ts'
import { masac } from './masac.ts'
import { matd3 } from './matd3.ts'

/** All relatives, in the order in which they are listed. */
export const relatives: Readonly<Record<string, Algorithm>> = { matd3, m3ddpg, masac, mad4pg }
