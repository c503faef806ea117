// What an agent of a particle world may not do, written into its mask as a scenario says it.
import type { Agent } from './entity.ts'
import { directions, moves } from './particle-actions.ts'
import type { Rules } from './physics.ts'
import type { ActionMask } from './scenario.ts'

export interface MaskWriter extends ActionMask {
  /** What is forbidden from here on is written into `row`: as many numbers as the agent's action has, all 1. */
  begin(row: Uint8Array): void
}

/** Writes the mask of an agent whose moves and channels are choices; the published rules count the moves differently. */
export function createActionMask(id: string, agent: Agent, rules: Rules): MaskWriter {
  const placeOf: Readonly<Record<string, number>> = { none: 0, ...directions[rules] }
  const channelsFrom = agent.moves ? moves : 0
  const channels = agent.speaks ? agent.speech.length : 0
  let row: Uint8Array = new Uint8Array(0)
  return {
    begin(into) {
      row = into
    },
    forbidMove(direction) {
      if (!agent.moves)
        throw new RangeError(`${id}: hook 'actionMask': ${agent.id} does not move, got forbidMove('${direction}')`)
      const place = placeOf[direction]
      if (place === undefined) {
        throw new RangeError(
          `${id}: hook 'actionMask': forbidMove expects ${Object.keys(placeOf).join(', ')}, got ${String(direction)}`,
        )
      }
      row[place] = 0
    },
    forbidSay(channel) {
      if (!(Number.isInteger(channel) && channel >= 0 && channel < channels)) {
        const expected =
          channels === 0 ? `${agent.id} does not speak` : `${agent.id} speaks on channels 0 ... ${channels - 1}`
        throw new RangeError(`${id}: hook 'actionMask': ${expected}, got forbidSay(${channel})`)
      }
      row[channelsFrom + channel] = 0
    },
  }
}
