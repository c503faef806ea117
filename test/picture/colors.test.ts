import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { count, defineScenario, many } from '../../src/envs/scenario.ts'
import { actorColors, agentColors, dark, legible, light, type Theme } from '../../src/picture/colors.ts'

const painted = defineScenario({
  id: 'painted',
  version: 1,
  description: 'one agent with a colour of its own beside two without',
  options: { agents: count(3, {}, 'number of agents') },
  world: ({ options }) => ({
    agents: many(options.agents, i => ({ id: `agent_${i}`, ...(i === 1 && { color: [0.1, 0.5, 0.3] as const }) })),
    landmarks: [{ id: 'goal', color: [0.1, 0.5, 0.3] }, { id: 'grey', color: [0.5, 0.5, 0.52] }, { id: 'plain' }],
  }),
  reset() {},
  observe({ agent, see }) {
    see.vector('velocity', agent.velocity)
  },
  reward: () => 0,
})

describe('the colours of a picture', () => {
  const { schema } = createParticleGame(painted).frames!

  it('are those that an author chose, else those of the team', () => {
    const [team] = light.teams
    expect(actorColors(schema, light)).toEqual([team, '#1a804d', team, '#1a804d', light.muted, light.muted])
    expect(agentColors(schema, light)).toEqual([team, '#1a804d', team])
  })

  it('go without a colour in the frames where none was chosen', () => {
    expect(schema.entities.map(({ color }) => color)).toEqual([
      undefined,
      [0.1, 0.5, 0.3],
      undefined,
      [0.1, 0.5, 0.3],
      [0.5, 0.5, 0.52],
      undefined,
    ])
  })

  it.each([light, dark])('stand out from the ground, text included: %#', theme => {
    for (const red of [0, 0.25, 0.5, 0.75, 1])
      for (const green of [0, 0.5, 1])
        for (const blue of [0, 0.35, 1])
          expect(contrast(legible([red, green, blue], theme), theme)).toBeGreaterThanOrEqual(4.5)
    for (const color of [...theme.teams, theme.adversary]) expect(contrast(color, theme)).toBeGreaterThanOrEqual(4.5)
  })

  it('stay as they are where they stand out already', () => {
    expect(legible([0.2, 0.2, 0.6], light)).toBe('#333399')
    expect(legible([1, 0.8, 0.2], dark)).toBe('#ffcc33')
    expect(legible([1, 1, 0], light)).not.toBe('#ffff00')
  })

  it.each(Object.keys(scenarios))('tell adversaries from others by red in %s', id => {
    const { schema } = createParticleGame(scenarios[id]!).frames!
    agentColors(schema, light).forEach((color, agent) => {
      const { team } = schema.entities.find(entity => entity.agent === agent)!
      const [red, green, blue] = [1, 3, 5].map(at => Number.parseInt(color.slice(at, at + 2), 16)) as [
        number,
        number,
        number,
      ]
      expect(red > green && red > blue, color).toBe(team === 'adversary')
    })
  })
})

/** As WCAG 2.2 computes it. */
function contrast(color: string, { ground }: Theme): number {
  const [a, b] = [color, ground].map(hex => {
    const [red, green, blue] = [1, 3, 5].map(at => {
      const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! + 0.05
  }) as [number, number]
  return Math.max(a, b) / Math.min(a, b)
}
