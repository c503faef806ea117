// A tiny team that was saved at any time goes on from there to the bit.
import { expect } from 'vitest'
import { fingerprint } from '../../src/fingerprint.ts'
import type { UpdateFigures } from '../../src/learning/team-learner.ts'
import { copySaved } from '../../src/saved.ts'
import type { Saved } from '../../src/types.ts'
import type { TinyTeam } from './tiny-team.ts'

/** From every so manieth of so many steps. Gives the figures of each step; null: it learnt nothing. */
export function expectResumesAnywhere(create: () => TinyTeam, steps: number, every: number): (UpdateFigures | null)[] {
  const whole = create()
  const saved: Saved[] = []
  const updates: ReturnType<TinyTeam['go']>[] = []
  for (let i = 0; i < steps; i++) {
    saved.push(copySaved(whole.save()))
    updates.push(whole.go())
  }
  const end = fingerprint(whole.save())
  for (let from = 1; from < steps; from += every) {
    const other = create()
    other.restore(saved[from]!)
    expect(fingerprint(other.save())).toBe(fingerprint(saved[from]!))
    for (let i = from; i < steps; i++) expect([i, other.go()]).toEqual([i, updates[i]])
    expect(fingerprint(other.save())).toBe(end)
  }
  return updates.map(update => update?.figures ?? null)
}
