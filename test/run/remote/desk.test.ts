// Who plays what: whatever comes, goes and answers, a ticket is one live process's, in the order of its actor, and nobody has much more than others.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDesk, type Given } from '../../../src/run/remote/desk.ts'
import { ticketOf } from '../../support/remote-play.ts'

const actors = 5
const names = ['a', 'b', 'c', 'd']

type Event =
  | { readonly type: 'take'; readonly actor: number; readonly anew: boolean }
  | { readonly type: 'join' | 'leave'; readonly name: string }
  | { readonly type: 'answer'; readonly actor: number }
  | { readonly type: 'level' | 'restart' }

const name = fc.constantFrom(...names)
const actor = fc.nat({ max: actors - 1 })
const events: fc.Arbitrary<Event[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ type: fc.constant('take' as const), actor, anew: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('join' as const, 'leave' as const), name }) },
    { weight: 3, arbitrary: fc.record({ type: fc.constant('answer' as const), actor }) },
    { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('level' as const, 'restart' as const) }) },
  ),
  { maxLength: 60 },
)

it('gives every ticket to one process that lives, first things first, and evens out', () => {
  fc.assert(
    fc.property(events, all => {
      const desk = createDesk(actors)
      let generation = 0
      const live = new Set<string>()
      /** By actor what is out or waits, in order, and whether it may go on without being told where it begins. */
      const asked = Array.from({ length: actors }, (): { number: number; id?: number; to?: string }[] => [])
      const mayGoOn = new Array<boolean>(actors).fill(false)
      const next = new Array<number>(actors).fill(0)
      const stale: number[] = []

      const given = (sent: readonly Given[]) => {
        for (const { id, ticket, to } of sent) {
          expect(live.has(to)).toBe(true)
          expect(to).toBe(desk.ownerOf(ticket.actor))
          const found = asked[ticket.actor]!.find(each => each.number === ticket.number && each.id === undefined)
          expect(found, 'nothing is sent twice, or that nobody asked for').toBeDefined()
          Object.assign(found!, { id, to })
        }
      }
      const lost = (of: readonly number[]) => {
        for (const each of of) {
          stale.push(...asked[each]!.flatMap(({ id }) => (id === undefined ? [] : [id])))
          asked[each] = []
          mayGoOn[each] = false
        }
      }
      const check = () => {
        for (let each = 0; each < actors; each++) {
          const owner = desk.ownerOf(each)
          if (owner !== null) expect(live.has(owner)).toBe(true)
          // What is wanted is with somebody, if anybody is there.
          if (live.size > 0 && asked[each]!.length > 0) expect(owner).not.toBeNull()
          asked[each]!.forEach(({ id }, i) => {
            if (id === undefined) return
            for (const process of names) {
              const found = desk.find(process, id)
              if (process === owner && i === 0) expect(found).toMatchObject({ actor: each })
              else expect(found).toBe(process === owner ? 'early' : 'foreign')
            }
          })
          if (owner !== null) expect(asked[each]!.every(({ to }) => to === owner)).toBe(true)
        }
        for (const id of stale) expect(desk.find('a', id)).toBe('stale')
        expect(desk.find('a', 1e9)).toBe('stale')
        for (const process of live) {
          const owed = asked.filter((_, each) => desk.ownerOf(each) === process).flat().length
          expect(desk.owed(process)).toBe(owed)
        }
      }
      for (const event of all) {
        if (event.type === 'take') {
          const { actor, anew } = event
          if (anew) {
            stale.push(...asked[actor]!.flatMap(({ id }) => (id === undefined ? [] : [id])))
            asked[actor] = []
            mayGoOn[actor] = true
          }
          const number = next[actor]!++
          const of = { actor, generation, ...(anew ? { from: null } : {}) }
          if (mayGoOn[actor]) asked[actor]!.push({ number })
          const sent = desk.take({ ...ticketOf(number + 1), ...of, number })
          if (!mayGoOn[actor]) expect(sent).toEqual([])
          given(sent)
        } else if (event.type === 'join') {
          if (live.has(event.name)) continue
          live.add(event.name)
          given(desk.join(event.name))
        } else if (event.type === 'leave') {
          const own = asked.map((_, each) => each).filter(each => desk.ownerOf(each) === event.name)
          live.delete(event.name)
          const gone = desk.leave(event.name)
          expect(gone).toEqual(own)
          lost(gone)
        } else if (event.type === 'answer') {
          const [first] = asked[event.actor]!
          if (first?.id === undefined) continue
          asked[event.actor]!.shift()
          desk.done(first.id)
          stale.push(first.id)
        } else if (event.type === 'restart') {
          generation++
          // The next ticket says so.
          lost(asked.map((_, each) => each))
          asked[0]!.push({ number: next[0]! })
          mayGoOn[0] = true
          given(desk.take({ ...ticketOf(next[0]!++ + 1), number: next[0]! - 1, actor: 0, generation, from: null }))
          expect(desk.take({ ...ticketOf(0), generation: generation - 1 })).toEqual([])
        } else {
          lost(desk.level())
          const free = asked.filter((_, each) => desk.ownerOf(each) === null).length
          const loads = [...live].map(each => asked.filter((_, i) => desk.ownerOf(i) === each).length)
          if (loads.length > 0) expect(Math.max(...loads) - Math.min(...loads) - free).toBeLessThanOrEqual(1)
        }
        check()
      }
    }),
    { numRuns: 300 },
  )
})
