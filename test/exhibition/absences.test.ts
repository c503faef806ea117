// A game that viewers watch whose agents wait, come, leave and return: who is asked, when a memory begins anew, what is paid, when it is over.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Act, Policy } from '../../src/agents/policy.ts'
import { createPlay } from '../../src/exhibition/play.ts'
import { createRandom } from '../../src/random.ts'
import { playPlainly, transitionsOf } from '../support/plain-transitions.ts'
import { createRandomGame } from '../support/random-game.ts'

it('is played as docs/games.md says', () => {
  const shape = fc.record({
    seed: fc.nat(10_000),
    agents: fc.integer({ min: 1, max: 4 }),
    length: fc.integer({ min: 1, max: 12 }),
    chance: fc.constantFrom(0.05, 0.15, 0.3),
    masks: fc.boolean(),
  })
  fc.assert(
    fc.property(shape, options => {
      const game = createRandomGame(options)
      const play = createPlay(game)
      /** What each policy was asked before the last step. */
      const asked: Pick<Act, 'restarted' | 'present' | 'observations'>[] = []
      game.agents.forEach((_, agent) => {
        const policy: Policy = {
          act({ actions, present, restarted, observations }) {
            if (present![0] === 1) game.script!(agent, actions, 0)
            asked[agent] = structuredClone({ present: present!, restarted, observations })
          },
          save: () => null,
          restore() {},
        }
        play.setPolicy(agent, policy)
      })
      const single = createRandomGame(options)
      const streams = [createRandom(1), createRandom(1)] as const
      play.begin(streams[0])
      single.reset(streams[1])
      const steps: ReturnType<typeof playPlainly>[] = []
      const asks: (typeof asked)[] = []
      while (!play.over) {
        const { actions } = play.next()
        const moved = structuredClone(actions)
        asks.push([...asked])
        play.step()
        steps.push(playPlainly(single, moved, 0, steps.length))
      }
      const transitions = transitionsOf(
        steps,
        steps.map((_, i) => i === 0),
      )
      const starts = new Map(transitions.map(one => [`${one.agent} ${one.steps[0]!.step}`, one]))
      asks.forEach((at, step) => {
        at.forEach(({ present, restarted, observations }, agent) => {
          const now = steps[step]!.now[agent]!
          expect(present![0]).toBe(now.isThere ? 1 : 0)
          expect(restarted[0]).toBe(starts.get(`${agent} ${step}`)?.begins === true ? 1 : 0)
          expect([...observations.data]).toEqual(now.observation)
          if (options.masks) expect([...observations.mask!.data]).toEqual(now.mask)
        })
      })
      const returns = game.agents.map((_, agent) =>
        transitions
          .filter(one => one.agent === agent)
          .flatMap(({ steps }) => steps.map(({ rewards }) => rewards[agent]!))
          .reduce((sum, reward) => sum + reward, 0),
      )
      play.picture().returns.forEach((sum, agent) => void expect(sum).toBeCloseTo(returns[agent]!, 4))
      expect(transitions.some(({ end }) => end === 'open')).toBe(false)
    }),
    { numRuns: 40 },
  )
})
