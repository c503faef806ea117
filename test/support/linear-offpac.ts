// Off-PAC as its paper has it (Degris, White and Sutton 2012, Algorithm 1): a linear critic by GTD(lambda), and a linear policy.
import type { Random } from '../../src/random.ts'

/** Two states; action 0 stays, action 1 goes to the other. */
export interface TwoStates {
  /** [state][action] */
  readonly rewards: readonly (readonly number[])[]
  readonly gamma: number
  /** [state][action] Probabilities of the policy that plays. */
  readonly mu: readonly (readonly number[])[]
}

export interface LinearOffPacConfig {
  readonly lambda: number
  /** Step sizes of v, w and u. */
  readonly rates: { readonly v: number; readonly w: number; readonly u: number }
}

/**
 * delta = r + gamma v x' - v x;  e <- rho (x + gamma lambda e);  v += a_v [delta e - gamma (1 - lambda) (w e) x'];
 * w += a_w [delta e - (w x) x];  psi <- rho (grad log pi + gamma lambda psi);  u += a_u delta psi, with one-hot features of states.
 */
export function createLinearOffPac({ rewards, gamma, mu }: TwoStates, { lambda, rates }: LinearOffPacConfig) {
  const v = new Float64Array(2)
  const w = new Float64Array(2)
  const e = new Float64Array(2)
  /** [state, action] */
  const u = new Float64Array(4)
  const psi = new Float64Array(4)
  let state = 0
  const policy = (of: number) => {
    const [a, b] = [Math.exp(u[2 * of]!), Math.exp(u[2 * of + 1]!)]
    return [a / (a + b), b / (a + b)] as const
  }
  return {
    v,
    u,
    policy,
    step(random: Random) {
      const action = random.uniform() < mu[state]![0]! ? 0 : 1
      const next = action === 0 ? state : 1 - state
      const pi = policy(state)
      const rho = pi[action]! / mu[state]![action]!
      const delta = rewards[state]![action]! + gamma * v[next]! - v[state]!
      for (let s = 0; s < 2; s++) e[s] = rho * (Number(s === state) + gamma * lambda * e[s]!)
      const we = w[0]! * e[0]! + w[1]! * e[1]!
      const wx = w[state]!
      for (let s = 0; s < 2; s++) {
        v[s]! += rates.v * (delta * e[s]! - gamma * (1 - lambda) * we * Number(s === next))
        w[s]! += rates.w * (delta * e[s]! - wx * Number(s === state))
      }
      for (let i = 0; i < 4; i++) {
        const slope = i >> 1 === state ? Number((i & 1) === action) - pi[i & 1]! : 0
        psi[i] = rho * (slope + gamma * lambda * psi[i]!)
        u[i]! += rates.u * delta * psi[i]!
      }
      state = next
    },
  }
}
