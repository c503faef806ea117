// What critics see where nobody says and those that see all agents would not fit into memory.
import { describe, expect, it } from 'vitest'
import type { Overrides } from '../../src/run/config/config.ts'
import { planRun } from '../../src/run/plan.ts'

const criticOf = async (given: Overrides) => {
  const { config, remark } = await planRun(given)
  return [config.learner.critic, remark]
}
const spread = (agents: number) => ({ id: 'simple_spread', agents })

describe('critics', () => {
  it("see the world's own state where those that see all agents would not fit, and it is said", async () => {
    const [critic, remark] = await criticOf({ scenario: spread(100) })
    expect(critic).toBe('state')
    // 100 agents see 600 numbers each and do 5; a critic, its target, gradient and moments: 5 x 4 bytes x 100 x (60,501 x 64 + 65 x 64 + 65)
    expect(remark).toMatch(/learner\.critic=state\): 100 agents' critics that see all agents would take 7\.8 GB$/)
  })

  it.each<[string, Overrides]>([
    ['those of 30 agents fit', { scenario: spread(30) }],
    ['shared ones fit', { scenario: spread(100), learner: { shareParameters: true } }],
    ['nearest are few', { scenario: { ...spread(100), agentNeighbors: 5, landmarkNeighbors: 5 } }],
    ['critics see their own agent alone', { scenario: spread(100), learner: { algorithm: 'ddpg' } }],
  ])('stay as the algorithm says where %s', async (_, given) => {
    expect(await criticOf(given)).toEqual([null, null])
  })

  it('are what somebody asks for', async () => {
    expect(await criticOf({ scenario: spread(100), learner: { critic: 'joint' } })).toEqual(['joint', null])
  })
})
