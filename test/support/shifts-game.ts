// A probe with every feature of the contract at once (docs/games.md): two agents of different spaces that work in shifts. Each is shown a
// number and has to name it; one wrong alternative is forbidden. What it earns is paid a step later, while it may wait.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { AgentSpec, Saved } from '../../src/types.ts'

const picks = [4, 3]

const spec = (index: number): AgentSpec => {
  const pick = { name: 'pick', kind: 'choice', size: picks[index]!, soft: false } as const
  const leave = { name: 'leave', kind: 'choice', size: 2, soft: false, names: ['stay', 'go'] } as const
  const shown = { name: 'shown', size: picks[index]! }
  return {
    id: ['worker_0', 'guest_0'][index]!,
    team: ['worker', 'guest'][index]!,
    observationSize: picks[index]! + index,
    observationParts: index === 0 ? [shown] : [shown, { name: 'bell', size: 1 }],
    actionSpace: index === 0 ? [pick] : [pick, leave],
  }
}

/**
 * The worker is present in two of three steps, the guest comes late and is present in two other ones. It earns 1 for the number, 0.5 for
 * staying where no bell rings, 3 for going when it does. A guest that goes ends a life and comes again two steps later. After each step the rules end the episode by one chance in ten; a time limit cuts it after twelve.
 */
export function createShiftsGame(): MarkovGame {
  const rewards = new Float64Array(2)
  const present = new Uint8Array(2)
  const terminated = new Uint8Array(2)
  /** [agents] The number shown, the alternative forbidden, what is owed. */
  const shown = new Int32Array(2)
  const forbidden = new Int32Array(2)
  const owed = new Float64Array(2)
  let [bell, cycles, truncated, away] = [0, 0, false, 0]
  let random = createRandom(0, 'shifts')

  const draw = () => {
    for (let agent = 0; agent < 2; agent++) {
      shown[agent] = random.integer(picks[agent]!)
      forbidden[agent] = (shown[agent]! + 1 + random.integer(picks[agent]! - 1)) % picks[agent]!
    }
    bell = random.uniform() < 0.3 ? 1 : 0
    present[0] = cycles % 3 === 2 ? 0 : 1
    present[1] = cycles % 3 === 0 || away > 0 ? 0 : 1
  }

  return {
    id: 'shifts',
    agents: [spec(0), spec(1)],
    absences: true,
    rewards,
    present,
    terminated,
    get truncated() {
      return truncated
    },
    reset(stream: Random) {
      random = stream
      for (const list of [rewards, terminated, owed]) list.fill(0)
      ;[cycles, truncated, away] = [0, false, 0]
      draw()
    },
    actionMask(agent, row) {
      row[forbidden[agent]!] = 0
    },
    step(actions, row) {
      terminated.fill(0)
      rewards.set(owed)
      owed.fill(0)
      let goes = false
      for (let agent = 0; agent < 2; agent++) {
        if (present[agent] === 0) continue
        const { data, columns } = actions[agent]!
        const chosen = data.subarray(row * columns, (row + 1) * columns)
        if (chosen[forbidden[agent]!] !== 0) throw new RangeError(`shifts: ${agent} chose what is forbidden`)
        if (chosen[shown[agent]!] === 1) owed[agent]! += 1
        if (agent === 0) continue
        goes = chosen[picks[1]! + 1] === 1
        if (goes === (bell === 1)) owed[1]! += goes ? 3 : 0.5
      }
      cycles++
      if (away > 0) away--
      const isOver = random.uniform() < 0.1
      if (isOver) terminated.fill(1)
      else truncated = cycles >= 12
      if (goes) {
        terminated[1] = 1
        away = 2
      }
      // Debts are paid at once where nobody is there to be paid later.
      for (let agent = 0; agent < 2; agent++) {
        if (!isOver && !truncated && terminated[agent] === 0) continue
        rewards[agent]! += owed[agent]!
        owed[agent] = 0
      }
      draw()
    },
    observe(agent, row) {
      row.fill(0)
      row[shown[agent]!] = 1
      if (agent === 1) row[picks[1]!] = bell
    },
    script(agent, { data, columns }, row) {
      data.fill(0, row * columns, (row + 1) * columns)
      data[row * columns + shown[agent]!] = 1
      if (agent === 1) data[row * columns + picks[1]! + bell] = 1
    },
    stateParts: [
      { name: 'shown', size: 7 },
      { name: 'bell', size: 1 },
      { name: 'cycles', size: 1 },
    ],
    state(row) {
      row.fill(0)
      row[shown[0]!] = 1
      row[4 + shown[1]!] = 1
      row[7] = bell
      row[8] = cycles / 12
    },
    save: (): Saved => ({
      rewards,
      present,
      terminated,
      shown,
      forbidden,
      owed,
      numbers: [bell, cycles, truncated ? 1 : 0, away],
      random: random.save(),
    }),
    restore(saved) {
      const state = saved as unknown as Record<string, Float64Array> & { numbers: number[]; random: Saved }
      for (const [name, list] of Object.entries({ rewards, present, terminated, shown, forbidden, owed })) {
        list.set(state[name]!)
      }
      bell = state.numbers[0]!
      cycles = state.numbers[1]!
      truncated = state.numbers[2] === 1
      away = state.numbers[3]!
      random.restore(state.random)
    },
  }
}
