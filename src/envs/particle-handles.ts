// What viewers can do to a particle world: steer agents, drag entities, ask who sees whom.
import type { Agent, Entity } from './entity.ts'
import type { GameHandles } from './game-handles.ts'
import { ActionWriter } from './particle-actions.ts'
import type { Rules } from './physics.ts'
import { Sight } from './sight.ts'
import type { World } from './world.ts'

export interface ParticleParts {
  readonly world: World
  readonly rules: Rules
  readonly continuous: boolean
  /** Lets an agent write what it sees into something. */
  observe(agent: number, see: Sight): void
  /** Says that something was moved by hand. */
  moved(): void
  watchRewards(watch: boolean): void
  rewardParts(agent: number): ReadonlyMap<string, number>
}

export function particleHandles(parts: ParticleParts): Required<GameHandles> {
  const { world, rules, continuous } = parts
  const writers = world.agents.map(agent => new ActionWriter(agent, rules, continuous))
  const sight = new Sight(world.entities)
  return {
    steer(index, [x, y], say, actions) {
      const agent = world.agents[index]!
      if (!agent.moves && (x !== 0 || y !== 0)) throw new RangeError(`${agent.id} cannot move`)
      if (say !== null) demandChannel(agent, say)
      const writer = writers[index]!
      writer.begin(actions, 0)
      if (agent.moves) writer.move(x, y)
      if (say !== null) writer.say(say)
    },
    drag(index, x, y) {
      const entity: Entity | undefined = world.entities[index]
      if (entity === undefined)
        throw new RangeError(`there are entities 0 ... ${world.entities.length - 1}, got ${index}`)
      if (!entity.present) throw new RangeError(`${entity.id} has left this episode`)
      const { half, edge } = world.arena
      // No centre gets outside of an arena that has an edge: it stays at the nearest place within.
      const within = (value: number) => (edge === 'none' ? value : Math.max(-half, Math.min(half, value)))
      entity.position.set(within(x), within(y))
      entity.velocity.set(0, 0)
      parts.moved()
    },
    watchRewards: parts.watchRewards,
    rewardParts: agent => parts.rewardParts(agent),
    sees(agent, marks) {
      marks.fill(0)
      if (!world.agents[agent]!.present) return
      sight.seen.clear()
      parts.observe(agent, sight)
      world.entities.forEach((entity, i) => {
        if (sight.seen.has(entity)) marks[i] = 1
      })
    },
  }
}

function demandChannel({ id, speaks, speech }: Agent, channel: number): void {
  if (!speaks) throw new RangeError(`${id} cannot speak`)
  if (Number.isInteger(channel) && channel >= 0 && channel < speech.length) return
  throw new RangeError(`${id} speaks on channels 0 ... ${speech.length - 1}, got ${channel}`)
}
