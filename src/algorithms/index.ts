// The relatives of MADDPG by id: each file says only what differs.
import type { Algorithm } from '../agents/learner.ts'

/** All relatives, in the order in which they are listed. */
export const relatives: Readonly<Record<string, Algorithm>> = {}
