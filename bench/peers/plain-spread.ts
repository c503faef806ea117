// The peer of the stepping benchmark: simple_spread as one hand-written loop over typed arrays, no options, names or records.
import { createRandom } from '../../src/random.ts'

/** Steps `games` worlds of three agents and three landmarks; openai rules, one-hot random actions, float32 observations. */
export function createPlainSpread(games: number): { step(): void; checksum(): number } {
  const n = 3
  const random = createRandom(1, 'plain')
  const position = new Float64Array(games * n * 2)
  const velocity = new Float64Array(games * n * 2)
  const landmark = new Float64Array(games * n * 2)
  const observations = new Float32Array(games * n * 18)
  const rewards = new Float32Array(games * n)
  const forces = new Float64Array(n * 2)
  let cycles = 0
  let sum = 0

  const reset = () => {
    for (let i = 0; i < position.length; i++) {
      position[i] = random.between(-1, 1)
      landmark[i] = random.between(-1, 1)
      velocity[i] = 0
    }
    cycles = 0
  }

  const contacts = (g: number) => {
    for (let a = 0; a < n; a++) {
      for (let b = a + 1; b < n; b++) {
        const x = position[g + 2 * a]! - position[g + 2 * b]!
        const y = position[g + 2 * a + 1]! - position[g + 2 * b + 1]!
        const distance = Math.sqrt(x * x + y * y)
        const exponent = -(distance - 0.3) / 0.001
        if (exponent < -745.2) continue
        const depth = Math.max(0, exponent) + Math.log1p(Math.exp(-Math.abs(exponent)))
        const scale = (100 * depth * 0.001) / distance
        forces[2 * a]! += scale * x
        forces[2 * a + 1]! += scale * y
        forces[2 * b]! -= scale * x
        forces[2 * b + 1]! -= scale * y
      }
    }
  }

  const observe = (game: number, g: number) => {
    for (let a = 0; a < n; a++) {
      let at = (game * n + a) * 18
      const x = position[g + 2 * a]!
      const y = position[g + 2 * a + 1]!
      observations[at++] = velocity[g + 2 * a]!
      observations[at++] = velocity[g + 2 * a + 1]!
      observations[at++] = x
      observations[at++] = y
      for (let l = 0; l < n; l++) {
        observations[at++] = landmark[g + 2 * l]! - x
        observations[at++] = landmark[g + 2 * l + 1]! - y
      }
      for (let b = 0; b < n; b++) {
        if (b === a) continue
        observations[at++] = position[g + 2 * b]! - x
        observations[at++] = position[g + 2 * b + 1]! - y
      }
    }
  }

  const reward = (game: number, g: number) => {
    let total = 0
    for (let l = 0; l < n; l++) {
      let nearest = Infinity
      for (let a = 0; a < n; a++) {
        const x = position[g + 2 * a]! - landmark[g + 2 * l]!
        const y = position[g + 2 * a + 1]! - landmark[g + 2 * l + 1]!
        nearest = Math.min(nearest, Math.sqrt(x * x + y * y))
      }
      total -= 3 * nearest
    }
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        const x = position[g + 2 * a]! - position[g + 2 * b]!
        const y = position[g + 2 * a + 1]! - position[g + 2 * b + 1]!
        if (Math.sqrt(x * x + y * y) < 0.3) total--
      }
    }
    rewards.fill(total, game * n, game * n + n)
  }

  reset()
  return {
    step() {
      for (let game = 0; game < games; game++) {
        const g = game * n * 2
        for (let a = 0; a < n; a++) {
          const move = random.integer(5)
          forces[2 * a] = move === 1 ? 5 : move === 2 ? -5 : 0
          forces[2 * a + 1] = move === 3 ? 5 : move === 4 ? -5 : 0
        }
        contacts(g)
        for (let i = 0; i < 2 * n; i++) {
          velocity[g + i] = velocity[g + i]! * 0.75 + forces[i]! * 0.1
          position[g + i]! += velocity[g + i]! * 0.1
        }
        observe(game, g)
        reward(game, g)
      }
      sum += rewards[0]! + observations[5]!
      if (++cycles === 25) reset()
    },
    checksum: () => sum,
  }
}
