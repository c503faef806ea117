// Who is in a particle world: lives of agents begin, are interrupted by waiting, and end, as hooks say so; kept beside the flags of the game.
import type { Saved, Stateful } from '../types.ts'
import type { Agent } from './entity.ts'

export interface Presence extends Stateful {
  /** [agents] 1 from the begin of an agent's life to its end, also while it waits. */
  readonly alive: Uint8Array
  /** Whether an agent that is not there will come back to the same life, as far as is known. */
  waits(agent: number): boolean
  /** Reads who is there after a reset. @throws RangeError for an agent that comes late in a scenario without absences */
  begin(): void
  /**
   * Reads who came, waits or left in a step that terminated nobody else. Gives whether anybody is alive.
   * @throws RangeError for an agent that waits or returns in a scenario without absences, or that leaves and returns in one step
   */
  follow(): boolean
}

/** What hooks write: `agent.present`, and by `world.leave` that a life has ended. */
export interface PresentWorld {
  readonly agents: readonly Agent[]
  /** [agents] 1 once the agent has left. */
  readonly left: Uint8Array
}

/** Writes into `present` and `terminated`, [agents]. */
export function createPresence(
  id: string,
  { agents, left }: PresentWorld,
  absences: boolean,
  present: Uint8Array,
  terminated: Uint8Array,
): Presence {
  const alive = new Uint8Array(agents.length)
  const refuse = (message: string, remedy: string): never => {
    throw new RangeError(`${id}: ${message}, which only scenarios with absences allow; ${remedy}`)
  }

  /** An agent that was alive is no more, or not present any more. */
  const goes = (index: number, agent: Agent) => {
    present[index] = 0
    settle(agent)
    if (left[index] === 1) {
      alive[index] = 0
      terminated[index] = 1
    } else if (!absences) {
      refuse(
        `${agent.id} waits (its \`present\` is false)`,
        `write \`absences: true\`, or end its life by \`world.leave(agent)\``,
      )
    }
  }

  const comes = (index: number, agent: Agent) => {
    if (alive[index] === 1 && left[index] === 1) {
      throw new RangeError(
        `${id}: ${agent.id} left and returned in one step; a new life begins in a later step at the earliest`,
      )
    }
    if (!absences) {
      refuse(
        `${agent.id} returns after it has left`,
        `write \`absences: true\`, or let it stay away until the next reset`,
      )
    }
    present[index] = 1
    terminated[index] = 0
    alive[index] = 1
    left[index] = 0
  }

  return {
    alive,
    waits: agent => absences && alive[agent] === 1 && left[agent] === 0 && !agents[agent]!.present,
    begin() {
      for (let index = 0; index < present.length; index++) {
        const agent = agents[index]!
        left[index] = 0
        present[index] = alive[index] = agent.present ? 1 : 0
        if (agent.present) continue
        settle(agent)
        if (!absences) {
          refuse(
            `${agent.id} is absent when the episode begins`,
            'write `absences: true`, or let everybody be there from the first step on',
          )
        }
      }
    },
    follow() {
      let anybody = false
      for (let index = 0; index < present.length; index++) {
        const agent = agents[index]!
        if (agent.present) {
          if (present[index] === 0 || left[index] === 1) comes(index, agent)
        } else if (present[index] === 1 || (alive[index] === 1 && left[index] === 1)) goes(index, agent)
        if (alive[index] === 1) anybody = true
      }
      return anybody
    },
    save: (): Saved => alive,
    restore(saved) {
      // Where nobody may wait, who is not there has left.
      const known = saved as Uint8Array | null
      for (let index = 0; index < present.length; index++) {
        const agent = agents[index]!
        present[index] = agent.present ? 1 : 0
        alive[index] = known === null ? present[index]! : known[index]!
        left[index] = !agent.present && alive[index] === 0 ? 1 : 0
        if (!agent.present) settle(agent)
      }
    },
  }
}

/** Who is not there is at rest and silent. */
function settle({ velocity, thrust, speech, utterance }: Agent): void {
  velocity.set(0, 0)
  thrust.set(0, 0)
  speech.fill(0)
  utterance.fill(0)
}
