// Numbers that change while a run trains: a constant, or a way from one value to another over environment steps.
import { pow } from '../elementary.ts'

/** A constant, or `from` ... `to` over the first `steps` environment steps and `to` ever after. */
export type Schedule =
  | number
  | {
      readonly from: number
      readonly to: number
      /** Environment steps. */
      readonly steps: number
      /** linear: equal steps; exponential: equal ratios, both ends positive. Default: linear. */
      readonly shape?: 'linear' | 'exponential' | undefined
    }

/** The value after so many environment steps: a function of them alone, so a schedule has no state. */
export function valueAt(schedule: Schedule, envSteps: number): number {
  if (typeof schedule === 'number') return schedule
  const { from, to, steps, shape } = schedule
  const way = Math.min(1, envSteps / steps)
  if (way === 1) return to
  return shape === 'exponential' ? from * pow(to / from, way) : from + (to - from) * way
}
