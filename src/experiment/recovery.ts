// Recovery of a run whose numbers are no longer finite: it stops, or goes back to a rollback point with smaller learning rates.
import type { Divergence } from '../errors.ts'
import type { Saved, Stateful } from '../types.ts'

/** One return to a rollback point. */
export interface Rollback {
  /** Episodes at the rollback point. */
  readonly episodes: number
  /** What learning rates are multiplied with from here on. */
  readonly rateScale: number
  /** Where a number was not finite. */
  readonly agent: string | null
  readonly network: string | null
  readonly tensor: string | null
  readonly updateRound: number | null
  readonly envStep: number | null
}

export interface RecoveryConfig {
  readonly divergence: 'stop' | 'rollback'
  /** Rollbacks before the run stops all the same. */
  readonly rollbacks: number
  readonly rollbackFactor: number
}

/** The rollbacks of a run; its state is a function of what was trained, whatever interrupted the training. */
export interface Recovery extends Stateful {
  /** Whether the run keeps rollback points. */
  readonly keepsPoints: boolean
  readonly rollbacks: readonly Rollback[]
  /** Whether another rollback is allowed. */
  readonly possible: boolean
  /** What learning rates are multiplied with: 1 until the first rollback. */
  readonly rateScale: number
  /** Notes a rollback to the point at `episodes`. */
  note(episodes: number, where: Divergence): Rollback
}

/** No rollbacks yet. */
export function createRecovery({ divergence, rollbacks: most, rollbackFactor }: RecoveryConfig): Recovery {
  let rollbacks: readonly Rollback[] = []
  return {
    keepsPoints: divergence === 'rollback',
    get rollbacks() {
      return rollbacks
    },
    get possible() {
      return divergence === 'rollback' && rollbacks.length < most
    },
    get rateScale() {
      return rollbacks.at(-1)?.rateScale ?? 1
    },
    note(episodes, { agent, network, tensor, updateRound, envStep }) {
      const rollback: Rollback = {
        episodes,
        rateScale: this.rateScale * rollbackFactor,
        agent: agent ?? null,
        network: network ?? null,
        tensor: tensor ?? null,
        updateRound: updateRound ?? null,
        envStep: envStep ?? null,
      }
      rollbacks = [...rollbacks, rollback]
      return rollback
    },
    save: () => rollbacks.map(rollback => ({ ...rollback })),
    restore(saved: Saved) {
      rollbacks = ((saved ?? []) as unknown as readonly Rollback[]).map(rollback => ({ ...rollback }))
    },
  }
}
