// The learner's end without a Redis: lies are found as often as is said, and what a liar brought into learning is named, with the way back.
import { expect, it } from 'vitest'
import type { Ticket } from '../../../src/actors/experience-source.ts'
import { encodeSaved } from '../../../src/actors/saved-bytes.ts'
import type { Entry, LearnerBoard } from '../../../src/remote/learner-board.ts'
import type { Lease } from '../../../src/remote/lease.ts'
import type { Manifest } from '../../../src/remote/manifest.ts'
import { createRunKey, unsealing } from '../../../src/remote/run-key.ts'
import { answerFields, openTicket, type RemoteTicket } from '../../../src/remote/ticket-message.ts'
import { createLearnerLink } from '../../../src/run/remote/learner-link.ts'
import { ticketOf } from '../../support/remote-play.ts'

const key = createRunKey()
const keyEvery = 3

/** A learner of two actors and the processes `names`, who have come. A message is a byte: 1, a lie. */
async function createScene(verify: number, names: readonly string[], more: Partial<Manifest> = {}) {
  const asked: { name: string; ticket: RemoteTicket }[] = []
  const notes: string[] = []
  const played: number[] = []
  const lost: [readonly number[], boolean][] = []
  const refused = new Map<string, string>()
  let entries: Entry[] = []
  let session = ''
  let lease: Partial<Lease> = {}
  const board: LearnerBoard = {
    async open(manifest) {
      session = JSON.parse(Buffer.from(manifest.subarray(64)).toString()).session
    },
    check: async () => 'there',
    publish: async () => {},
    leases: async () =>
      new Map(names.map(name => [name, { instance: name, session, version: '1', exact: true, steps: 0, ...lease }])),
    welcome: async () => {},
    async forget(name, reason) {
      if (reason !== null) refused.set(name, reason)
    },
    async give(name, ticket) {
      asked.push({ name, ticket: openTicket(unsealing(key.publicKey), session, ticket) })
    },
    backlog: async () => [0, 0],
    async read() {
      const found = entries
      entries = []
      return found
    },
    drop: async () => {},
    close: async () => {},
  }
  const manifest = { order: 'fixed', version: '1', trajectory: { bytes: 1 }, over: false, ...more } as Manifest
  const link = createLearnerLink({
    ...{
      board,
      key,
      manifest,
      files: new Map(),
      networks: [],
      actors: 2,
      kept: 3,
      verify,
      keyEvery,
      stepsOfBatch: 100,
    },
    weightsAt: () => new Float32Array(0),
    check: ({ number }, message) => ({
      ...{ memory: null, version: message[0]! },
      state: (number + 1) % keyEvery === 0 ? encodeSaved(null) : null,
    }),
    place() {},
    replayed: {
      begin() {},
      accepted() {},
      differs: (_, { version }) => (version === 1 ? 'rewards are others' : null),
      play() {},
    },
    news: {
      played: ({ ticket }) => void played.push(ticket.number),
      lost: (actors, isDistrusted) => void lost.push([actors, isDistrusted]),
      note: sentence => void notes.push(sentence),
      players() {},
      thrown(error) {
        throw error
      },
    },
  })
  const come = async (as: Partial<Lease> = {}) => {
    lease = as
    await link.tend()
  }
  /** The ticket that a process was given for a trajectory is answered. */
  const answer = async (actor: number, number: number, isLie: boolean) => {
    const found = asked.findLast(({ ticket }) => ticket.actor === actor && ticket.number === number)!
    const { id } = found.ticket
    const fields = answerFields({ ticket: id, session, message: Buffer.of(Number(isLie)), thrown: null })
    entries.push({ name: found.name, id: `${id}-0`, fields: fields.map(field => Buffer.from(field as string)) })
    await link.read()
  }
  return { link, come, answer, asked, notes, played, lost, refused }
}

it.each([
  [0.5, 1],
  [0.5, 3],
  [0.2, 4],
] as const)('with a share of %d finds one who lies in %d stretches as often as is said', async (share, stretches) => {
  const expected = 1 - (1 - share) ** stretches
  const scenes = 400
  let found = 0
  for (let scene = 0; scene < scenes; scene++) {
    const { link, come, answer, refused } = await createScene(share, ['liar'])
    await come()
    for (let number = 0; number < keyEvery * stretches && refused.size === 0; number++) {
      link.take(ticketOf(number))
      await answer(0, number, number % keyEvery === 1)
    }
    found += refused.size
  }
  // Five standard deviations: missed once in a million times.
  expect(Math.abs(found / scenes - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / scenes))
})

it('never finds what nobody looks for, and at once what all is looked at for', async () => {
  for (const [share, most] of [
    [0, 12],
    [1, 4],
  ] as const) {
    const { link, come, answer, played, refused } = await createScene(share, ['liar'])
    await come()
    for (let number = 0; number < 12; number++) {
      link.take(ticketOf(number))
      if (refused.size === 0) await answer(0, number, number >= 4)
    }
    expect(played).toHaveLength(most)
    expect(refused.size).toBe(share)
  }
})

it('names what was not looked at, and the step before it', async () => {
  for (let found = false; !found; ) {
    const { link, come, answer, notes, played, lost, refused } = await createScene(0.5, ['liar'])
    await come()
    const take = (ticket: Ticket) => link.take(ticket)
    for (let number = 0; number < 60 && refused.size === 0; number++) {
      for (const actor of [0, 1]) take(ticketOf(number, { actor }))
      await answer(0, number, number >= 6)
      if (refused.size === 0) await answer(1, number, false)
    }
    const of = played.length
    const told = notes.join().match(/; its trajectories (.*) were handed .* go on .* --before-step (\d+)$/)
    // Where all was looked at there is nothing to name: tried again.
    if (told === null) {
      expect(notes.join()).toMatch(/; nothing of it was learnt from that had not been played again$/)
      continue
    }
    found = true
    const first = told[1]!.split(', ').map(text => Number(text.match(/^(\d+) to \d+ of actor [01]$/)![1]))
    expect(Number(told[2])).toBe(100 * Math.min(...first))
    // Each begins with a stretch.
    for (const number of first) expect(number % keyEvery).toBe(0)
    expect(lost).toEqual([[[0, 1], true]])
    expect(of).toBeGreaterThan(Math.min(...first))
  }
})

it('takes other programs in order of arrival where no lies are looked for', async () => {
  const other = { exact: false, version: 'python' }
  const arrival = await createScene(0, ['other'], { order: 'arrival' })
  await arrival.come(other)
  expect(arrival.refused.size).toBe(0)
  const fixed = await createScene(0, ['other'])
  await fixed.come(other)
  expect(fixed.refused.get('other')).toBe(
    'run.actorOrder=fixed wants actors that play the same bits: marlstrom 1, got python, another program; run.actorOrder=arrival with run.verifyActors=0 takes them',
  )
  const careful = await createScene(0.5, ['other'], { order: 'arrival' })
  await careful.come(other)
  expect(careful.refused.get('other')).toMatch(/^run\.verifyActors=0\.5 wants actors that play the same bits/)
})
