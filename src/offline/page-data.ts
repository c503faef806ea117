// What a page that plays offline is made of, beside code: the run as it is told to viewers, and its actors.
import type { Baseline } from '../agents/baseline-policies.ts'
import type { SessionState } from '../experiment/session.ts'
import type { KernelVariant } from '../nn/simd/kernels.ts'
import type { KeptActors } from './kept-actors.ts'

export interface PageData {
  readonly title: string
  /** The session as the page opens. */
  readonly state: SessionState
  /** Options of the scenario, as the run was trained with. */
  readonly options: Readonly<Record<string, unknown>>
  /** Names the streams of random numbers of the policies, as in the run, and the first episode. */
  readonly seed: number
  readonly kernels: KernelVariant
  readonly kept: KeptActors
  /** Per agent, who plays it without having learnt anything; null: its actor. */
  readonly baselines: readonly (Baseline | WrittenByHand | null)[]
}

/** A policy that a user wrote; its code is a part of the page. */
export interface WrittenByHand {
  readonly policy: string
  readonly settings: Readonly<Record<string, unknown>>
}
