// Which columns of a row each matrix of a batch is gathered from.
import type { GatherPiece } from '../nn/matrix.ts'
import type { Batch, Matrix } from '../types.ts'
import type { RowLayout } from './row-layout.ts'

/** Where the numbers of a batch stand in a row: those of the row where it begins, and those of its last. */
export interface BatchPieces {
  before(batch: Batch): GatherPiece[]
  after(batch: Batch): GatherPiece[]
}

export function batchPieces(layout: RowLayout): BatchPieces {
  return {
    before: batch =>
      batch.observations
        .flatMap((to, agent) => [
          { column: layout.observations[agent]!, to },
          { column: layout.actions[agent]!, to: batch.actions[agent]! },
          ...(to.extras ?? []).map((to, i) => ({ column: layout.extras[agent]![i]!.column, to })),
          ...piece(layout.masks[agent]!, to.mask),
        ])
        .concat(piece(layout.states, batch.states)),
    after: batch =>
      batch.nextObservations
        .flatMap((to, agent) => [
          { column: layout.nextObservations[agent]!, to },
          ...piece(layout.nextMasks[agent]!, to.mask),
        ])
        .concat(piece(layout.nextStates, batch.nextStates))
        .concat(piece(layout.over, batch.over)),
  }
}

/** What there is in some games only: nothing where it is not. */
function piece(column: number | null, to: Matrix | undefined): GatherPiece[] {
  return column === null || to === undefined ? [] : [{ column, to }]
}
