// Agents of particle worlds that wait, come late, leave and return: against the rules of docs/games.md, written plainly.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { createParticleGame, type ParticleGame } from '../../src/envs/particle-game.ts'
import { defineScenario, many } from '../../src/envs/scenario.ts'
import { readingOf } from '../../src/picture/reading.ts'
import { createRandom } from '../../src/random.ts'
import { emptyActions } from './playing.ts'

/** What the hook does with an agent: '.' nothing, 'w' it waits, 'l' it leaves, 'p' it is present. */
type Deed = '.' | 'w' | 'l' | 'p'
type Plan = readonly (readonly Deed[])[]

const agents = 3

/** Plays a plan: row 0 at the reset, row k in step k; after its rows nothing changes. `doneAt`: the step that ends by the rules. */
function planned(plan: Plan, { absences = true, doneAt = -1, collaborative = false } = {}) {
  return defineScenario({
    id: 'planned',
    version: 1,
    description: '',
    absences,
    collaborative,
    options: {},
    world: () => ({
      agents: many(agents, i => ({ id: `agent_${i}`, speaks: true })),
      landmarks: [{ id: 'landmark_0' }],
      channels: 2,
      state: { step: 0 },
    }),
    reset({ world }) {
      world.state.step = -1
      for (const agent of world.agents) agent.position.set(agent.index + 1, 0)
    },
    beforeRewards({ world }) {
      const deeds = plan[++world.state.step] ?? []
      for (const agent of world.agents) {
        const deed = deeds[agent.index] ?? '.'
        if (deed === 'l') world.leave(agent)
        if (deed === 'w') agent.present = false
        if (deed === 'p') agent.present = true
      }
    },
    observe({ agent, world, see }) {
      see.vector('position', agent.position)
      for (const other of world.others(agent)) see.relative('others', other)
    },
    reward: ({ agent, world }) => 10 * world.state.step + agent.index + 1,
    done: ({ world }) => world.state.step === doneAt,
    goal: ({ world }) => world.landmarks[0]!,
  })
}

function begun(plan: Plan, settings: Parameters<typeof planned>[1] = {}, options = {}): ParticleGame {
  const game = createParticleGame(planned(plan, settings), options)
  game.reset(createRandom(1))
  return game
}

function step(game: ParticleGame): ParticleGame {
  const actions = emptyActions(game)
  for (const { data } of actions) data[0] = data[5] = 1
  game.step(actions, 0)
  return game
}

const flags = ({ present, terminated, truncated }: ParticleGame) => ({
  present: [...present],
  terminated: [...terminated],
  truncated,
})

/** The rules, plainly: what stands after each row of the plan, or null from where it is refused. */
function expected(plan: Plan, maxCycles: number) {
  const [none, waits, acts, gone] = ['none', 'waits', 'acts', 'gone'] as const
  let states = plan[0]!.map(deed => (deed === 'w' || deed === 'l' ? none : acts) as 'none' | 'waits' | 'acts' | 'gone')
  const rows = [{ states, paid: states.map(() => false), over: false }]
  for (let n = 1; n < plan.length; n++) {
    const paid = states.map(state => state === acts || state === waits)
    states = states.map((state, agent) => {
      const deed = plan[n]![agent]!
      if (deed === 'l') return state === none ? none : gone
      if (deed === 'w') return state === acts ? waits : state
      return deed === 'p' ? acts : state
    })
    const over = n === maxCycles || !states.some(state => state === acts || state === waits)
    rows.push({ states, paid, over })
    if (over) break
  }
  return rows
}

describe('lives', () => {
  it('follow the plan of any hook', () => {
    const deed = fc.constantFrom<Deed>('.', 'w', 'l', 'p')
    const row = fc.array(deed, { minLength: agents, maxLength: agents })
    fc.assert(
      fc.property(fc.array(row, { minLength: 2, maxLength: 8 }), fc.integer({ min: 1, max: 9 }), (plan, maxCycles) => {
        const game = begun(plan, {}, { maxCycles })
        const rows = expected(plan, maxCycles)
        rows.forEach(({ states, paid, over }, n) => {
          if (n > 0) step(game)
          const nobody = !states.some(state => state === 'acts' || state === 'waits')
          expect(flags(game)).toEqual({
            present: states.map(state => (state === 'acts' ? 1 : 0)),
            terminated: states.map(state => (state === 'gone' || (nobody && n > 0) ? 1 : 0)),
            truncated: over && !nobody,
          })
          expect([...game.rewards]).toEqual(paid.map((is, agent) => (is ? 10 * n + agent + 1 : 0)))
        })
      }),
      { numRuns: 300 },
    )
  })

  it('are saved and restored', () => {
    const deed = fc.constantFrom<Deed>('.', 'w', 'l', 'p')
    const row = fc.array(deed, { minLength: agents, maxLength: agents })
    fc.assert(
      fc.property(fc.array(row, { minLength: 6, maxLength: 6 }), fc.integer({ min: 0, max: 4 }), (plan, at) => {
        const game = begun(plan)
        for (let n = 0; n < at; n++) step(game)
        // The heir was elsewhere before.
        const heir = createParticleGame(planned(plan))
        heir.reset(createRandom(2))
        step(step(heir))
        heir.restore(structuredClone(game.save()))
        for (let n = at; n < 6; n++) {
          expect(flags(step(heir))).toEqual(flags(step(game)))
          expect(heir.save()).toEqual(game.save())
        }
      }),
      { numRuns: 60 },
    )
  })

  it('share the rewards of a collaborative world among those whose lives are under way', () => {
    const game = begun([['.', 'w', '.'], ['w', '.', '.'], []], { collaborative: true }, { rules: 'openai' })
    expect([...step(game).rewards]).toEqual([24, 0, 24])
    expect([...step(game).rewards]).toEqual([44, 0, 44])
  })
})

describe('an agent that waits', () => {
  it('is at rest, silent and unseen, keeps its place, and is drawn faded', () => {
    const game = begun([[], [], ['.', 'w', '.'], [], ['.', 'p', '.']])
    const waiting = game.world.agents[1]!
    const reading = readingOf(game.frames!.schema)
    const row = new Float32Array(game.frames!.schema.size)
    const drawn = () => {
      game.frames!.write(row)
      return [reading.place(row, 1) !== null, reading.waits(row, 1)]
    }
    step(game)
    waiting.velocity.set(1, 1)
    expect([...waiting.utterance]).toEqual([1, 0])
    expect(drawn()).toEqual([true, false])
    step(game)
    const { x, y } = waiting.position
    step(game)
    expect(waiting.position).toMatchObject({ x, y })
    expect([...waiting.utterance]).toEqual([0, 0])
    expect(drawn()).toEqual([true, true])
    const seen = new Float64Array(game.agents[0]!.observationSize)
    game.observe(0, seen)
    expect([...seen.slice(2, 4)]).toEqual([0, 0])
    step(game)
    expect(drawn()).toEqual([true, false])
    expect(waiting.position).toMatchObject({ x, y })
  })

  it('is asked what it sees, as where the episode is cut', () => {
    const game = step(begun([[], ['.', 'w', 'l']], {}, { maxCycles: 1 }))
    expect(flags(game)).toEqual({ present: [1, 0, 0], terminated: [0, 0, 1], truncated: true })
    const seen = new Float64Array(game.agents[1]!.observationSize).fill(7)
    game.observe(1, seen)
    expect([...seen.slice(0, 4)]).toEqual([2, 0, -1, 0])
    game.observe(2, seen)
    expect(new Set(seen)).toEqual(new Set([0]))
  })

  it('ends by the rules with all others, in the last step too', () => {
    for (const maxCycles of [1, 5]) {
      const game = step(begun([[], ['w', 'w', '.']], { doneAt: 1 }, { maxCycles }))
      expect(flags(game)).toEqual({ present: [0, 0, 1], terminated: [1, 1, 1], truncated: false })
    }
  })

  it('leaves in the time limit’s step: whoever is left is cut', () => {
    const game = step(begun([[], ['l', '.', '.']], {}, { maxCycles: 1 }))
    expect(flags(game)).toEqual({ present: [0, 1, 1], terminated: [1, 0, 0], truncated: true })
    const all = step(begun([[], ['l', 'l', 'l']], {}, { maxCycles: 1 }))
    expect(flags(all)).toEqual({ present: [0, 0, 0], terminated: [1, 1, 1], truncated: false })
  })
})

describe('the state of the world', () => {
  it('says who is there, and where those are that may come back', () => {
    const game = step(begun([[], ['.', 'w', 'l']]))
    expect(game.stateParts.map(({ name, size }) => `${name} ${size}`)).toEqual([
      'present 3',
      'positions 6',
      'velocities 6',
      'utterances 6',
      'landmarks 2',
      'goals 6',
    ])
    const state = new Float64Array(29)
    game.state(state)
    expect([...state.slice(0, 9)]).toEqual([1, 0, 0, 1, 0, 2, 0, 0, 0])
    expect([...state.slice(-6)]).toEqual([-1, 0, -2, 0, 0, 0])
  })
})

describe('refused', () => {
  const played = (plan: Plan, absences: boolean) => () => {
    const game = begun(plan, { absences })
    for (let n = 1; n < plan.length; n++) step(game)
  }

  it('without absences: to wait, to come late, to return', () => {
    expect(played([[], ['.', 'w', '.']], false)).toThrow(
      /^planned: agent_1 waits \(its `present` is false\), which only scenarios with absences allow; write `absences: true`/,
    )
    expect(played([['w', '.', '.']], false)).toThrow(/^planned: agent_0 is absent when the episode begins/)
    expect(played([[], ['l', '.', '.'], [], ['p', '.', '.']], false)).toThrow(
      /^planned: agent_0 returns after it has left/,
    )
    expect(played([[], ['l', '.', '.'], [], []], false)).not.toThrow()
  })

  it('to leave and return in one step', () => {
    const both = planned([])
    const game = createParticleGame({
      ...both,
      beforeRewards({ world }) {
        if ((world.state as { step: number }).step++ !== 0) return
        world.leave(world.agents[2]!)
        world.agents[2]!.present = true
      },
    })
    game.reset(createRandom(1))
    expect(() => step(game)).toThrow(/^planned: agent_2 left and returned in one step/)
  })
})

it('passes the check', () => {
  const plan: Plan = [['.', 'w', '.'], [], ['w', 'p', '.'], [], ['p', '.', 'l'], [], ['.', '.', 'p'], ['.', 'w', '.']]
  expect(checkGame(planned(plan)).problems.map(describeProblem)).toEqual([])
})
