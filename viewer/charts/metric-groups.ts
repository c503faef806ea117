// The numbers of the metrics lines in groups that belong into one chart: losses per agent, figures of the scenario.
import { meanings } from '../../src/figures.ts'

export interface MetricGroup {
  /** What the keys have in common. */
  readonly id: string
  readonly title: string
  /** A sentence; null: none is known. */
  readonly meaning: string | null
  readonly lines: readonly { readonly name: string; readonly key: string }[]
}

/** Of keys like `criticLoss/agent_0`; those that begin with `time/` and the counters are left to the words beside the charts. */
export function groupsOf(keys: readonly string[]): MetricGroup[] {
  const groups = new Map<string, { name: string; key: string }[]>()
  for (const key of keys) {
    if (/^(time|return)\//.test(key) || COUNTERS.includes(key)) continue
    const at = key.lastIndexOf('/')
    const id = at < 0 ? key : key.slice(0, at)
    groups.set(id, [...(groups.get(id) ?? []), { name: at < 0 ? key : key.slice(at + 1), key }])
  }
  // What is learnt comes before how far actors are behind.
  const ordered = [...groups].sort(([a], [b]) => Number(a === 'lag') - Number(b === 'lag'))
  return ordered.map(([id, lines]) => ({
    id,
    title: titleOf(id),
    meaning: Object.hasOwn(meanings, id) ? `${meanings[id]!}.` : null,
    lines,
  }))
}

const COUNTERS = ['episodes', 'envSteps', 'updates', 'actors', 'reproducible']

/** `criticLoss` as `critic loss`, `approximateKl` as `approximate KL`. */
function titleOf(id: string): string {
  return id
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .replaceAll('/', ': ')
    .toLowerCase()
    .replace(/\bkl\b/, 'KL')
}
