// What on-policy algorithms must reach, by algorithm and critic, with the published numbers behind it: provisional.
import type { Published, Target } from './target.ts'

const million = 1_000_000

/** HARL's curves of MAPPO, read by eye; the team's sum in PettingZoo 1.22.2, deterministic, 20 episodes. */
const harl = (unit: Published['unit'], printed: number): Published => ({
  source: 'HARL, assets/mpe_learning_curve.jpg',
  printed,
  give: 1.5,
  unit,
  steps: 10 * million,
})

/** Greatest mean return of the evaluations of a training, 5 seeds, which is some way above where a training ends. */
const papoudakis = (printed: number, give: number): Published => ({
  source: 'Papoudakis et al. 2021, greatest evaluation',
  printed,
  give,
  unit: 'perAgent',
  steps: 20 * million,
  fromMemory: true,
})

interface Numbers {
  readonly spread: readonly Published[]
  readonly listener: readonly Published[]
  readonly reference?: readonly Published[]
}

/** The three targets of PPO after 10 million steps. */
const ofPpo = ({ spread, listener, reference = [] }: Numbers): readonly Target[] => [
  { scenario: 'simple_spread', of: 'agent', aim: -125, steps: 10 * million, published: spread },
  { scenario: 'simple_speaker_listener', ...waiting, aim: -15, steps: 10 * million, published: listener },
  { scenario: 'simple_reference', of: 'meanDistance', aim: 0.3, steps: 10 * million, published: reference },
]

/** Those of A2C, after 20. */
const ofA2c = ({ spread, listener }: Numbers): readonly Target[] => [
  { scenario: 'simple_spread', of: 'agent', aim: -138, steps: 20 * million, published: spread },
  { scenario: 'simple_speaker_listener', ...waiting, aim: -14, steps: 20 * million, published: listener },
]

/** The listener waits at the centroid. */
const waiting = { of: 'good', plateau: { at: -29.9, above: -25 } } as const

const mappo = ofPpo({
  spread: [harl('halfTeam', -59.5), papoudakis(-133.5, 3.1)],
  listener: [harl('perAgent', -14.5), papoudakis(-10.7, 0.3)],
  reference: [harl('plainDistance', -13)],
})
const maa2c = ofA2c({ spread: [papoudakis(-129.9, 1.6)], listener: [papoudakis(-10.7, 0.4)] })

/** By the id of an algorithm, by what its critics see. */
const targets: Readonly<Record<string, Readonly<Record<string, readonly Target[]>>>> = {
  ppo: {
    joint: mappo,
    state: mappo,
    local: ofPpo({ spread: [papoudakis(-133.9, 3.7)], listener: [papoudakis(-13.1, 3.5)] }),
  },
  a2c: {
    joint: maa2c,
    state: maa2c,
    local: ofA2c({ spread: [papoudakis(-134.4, 1.2)], listener: [papoudakis(-12.6, 3.6)] }),
  },
}

/** The targets of an algorithm whose critics see so much (null: as the algorithm does by itself, joint); empty: there are none. */
export function targetsOf(algorithm: string, critic: unknown): readonly Target[] {
  const byCritic = Object.hasOwn(targets, algorithm) ? targets[algorithm]! : {}
  const seen = String(critic ?? 'joint')
  return Object.hasOwn(byCritic, seen) ? byCritic[seen]! : []
}
