// Strategy tpe: the tree-structured Parzen estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization").
import { createRandom } from '../random.ts'
import { parzenOf } from './parzen.ts'
import { sobolStrategy } from './sobol.ts'
import type { Space, SpacePoint } from './space.ts'
import type { Known, Observation, Strategy } from './strategy.ts'

export interface TpeSettings {
  /** Trials before the first that was learnt: points of the scrambled Sobol sequence. */
  readonly startup: number
  /** Draws for every setting, of which the most promising is taken. */
  readonly candidates: number
  /** The share of observations that count as good. */
  readonly good: number
}

/** Good observations beyond these make the density flat (as in hyperopt). */
const mostGood = 25

/**
 * Observations are split into the good and the others; of each, a density per setting. Setting by setting, places are drawn from the
 * density of the good, and the one where good / others is largest is taken: that maximises the expected improvement (section 4).
 * Points whose results are not known count with the others, so that trials side by side keep apart.
 */
export function tpeStrategy(space: Space, seed: number, { startup, candidates, good }: TpeSettings): Strategy {
  const first = sobolStrategy(space, seed, true)
  return {
    size: Number.POSITIVE_INFINITY,
    learns: true,
    suggest(trial, known) {
      const observations = comparable(known, startup)
      if (trial < startup || observations.length < 2) return first.suggest(trial, known)
      const sorted = observations.toSorted((a, b) => b.value - a.value)
      const many = Math.min(mostGood, Math.max(1, Math.ceil(good * sorted.length)))
      const [best, others] = [sorted.slice(0, many), sorted.slice(many)].map(some => some.map(({ point }) => point))
      const random = createRandom(seed, 'sweep', 'tpe', trial)
      return space.dimensions.map((dimension, index): number => {
        const density = (points: readonly SpacePoint[]) =>
          parzenOf(
            dimension,
            points.map(point => point[index]!),
          )
        const ofBest = density(best!)
        const ofOthers = density([...others!, ...known.pending])
        let [chosen, promise] = [0, Number.NEGATIVE_INFINITY]
        for (let draw = 0; draw < candidates; draw++) {
          const place = ofBest.draw(random)
          const gain = ofBest.logAt(place) - ofOthers.logAt(place)
          if (gain > promise) [chosen, promise] = [place, gain]
        }
        return chosen
      })
    },
  }
}

/**
 * Results of one length of training: the longest of which there are enough (as BOHB does, Falkner et al. 2018, section 3.2); failures
 * count at any length.
 */
function comparable({ observations }: Known, enough: number): readonly Observation[] {
  const rungs = new Set(observations.map(({ rung }) => rung))
  for (const rung of [...rungs].sort((a, b) => b - a)) {
    const some = observations.filter(seen => seen.rung === rung || seen.value === Number.NEGATIVE_INFINITY)
    if (some.length >= enough || rung === Math.min(...rungs)) return some
  }
  return observations
}
