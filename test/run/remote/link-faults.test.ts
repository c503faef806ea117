// The learner's end of its actors, with a Redis of the test's own that stalls, forgets and answers late: what is said, what is put there again, who is given up.
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import type { Ticket } from '../../../src/actors/experience-source.ts'
import type { Entry, LearnerBoard } from '../../../src/remote/learner-board.ts'
import type { Lease } from '../../../src/remote/lease.ts'
import { createRunKey } from '../../../src/remote/run-key.ts'
import { answerFields } from '../../../src/remote/ticket-message.ts'
import { createLearnerLink } from '../../../src/run/remote/learner-link.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function createStage() {
  const leases = new Map<string, Lease>()
  const put: number[] = []
  const met: string[] = []
  let opened = 0
  const state = {
    check: async () => 'there' as 'there' | 'lost',
    entries: [] as Entry[],
    session: '',
    after: [] as string[],
    dropped: [] as string[],
    onTheWay: Promise.resolve(),
    knows: true,
  }
  const board: LearnerBoard = {
    async open(manifest) {
      opened++
      put.length = 0
      state.session = JSON.parse(Buffer.from(manifest.subarray(64)).toString()).session
    },
    check: () => state.check(),
    publish: async version => void put.push(version),
    leases: async () => leases,
    welcome: async name => void met.push(name),
    forget: async () => {},
    give: async () => {},
    backlog: async () => [0, 0],
    async read(after, _, take) {
      state.after = [...after.values()]
      await state.onTheWay
      for (const entry of state.entries.splice(0)) take(entry)
    },
    drop: async (_, ids) => void state.dropped.push(...ids),
    close: async () => {},
  }
  const notes: string[] = []
  const lost: number[][] = []
  const played: Ticket[] = []
  const link = createLearnerLink({
    ...{ board, key: createRunKey(), files: new Map(), networks: [], actors: 2, kept: 3, verify: 0, keyEvery: 4 },
    manifest: { version: '1', order: 'arrival', trajectory: { bytes: 64 } } as never,
    weightsAt: () => new Float32Array(0),
    knows: () => state.knows,
    check: () => ({ memory: null, version: 0, state: null }),
    place() {},
    replayed: { begin() {}, accepted() {}, differs: () => null, play() {} },
    stepsOfBatch: 1,
    news: {
      played: ({ ticket }) => void played.push(ticket),
      lost: actors => void lost.push([...actors]),
      note: sentence => void notes.push(sentence),
      players() {},
      thrown(error) {
        throw error
      },
    },
  })
  const ask = () => {
    for (const actor of [0, 1]) link.take({ actor, number: 0, generation: 0, version: 0, place: 0, from: null })
  }
  const lease = (steps: number, instance = 'i'): Lease => ({
    instance,
    session: state.session,
    version: '1',
    exact: true,
    steps,
  })
  const answer = (ticket: number): Entry => ({
    ...{ name: 'p', id: `${ticket}-0` },
    fields: answerFields({ ticket, session: state.session, message: new Uint8Array(1), thrown: null }).map(
      Buffer.from as never,
    ),
  })
  return { link, state, leases, put, met, notes, lost, played, ask, lease, answer, opened: () => opened }
}

it('says that Redis does not answer, and that it does again', async () => {
  const { link, state, notes } = createStage()
  let release = () => {}
  state.check = () => new Promise(done => (release = () => done('there')))
  const tended = link.tend()
  await vi.advanceTimersByTimeAsync(4900)
  expect(notes).toEqual([])
  await vi.advanceTimersByTimeAsync(200)
  expect(notes).toEqual(['Redis does not answer; the run waits'])
  release()
  await tended
  expect(notes.slice(1)).toEqual(['Redis answers again'])
})

it('puts everything there again that is gone, and asks for all again', async () => {
  const { link, state, leases, put, notes, lost, ask, lease, opened } = createStage()
  for (const version of [0, 1, 2, 3, 4]) link.publish(version)
  await link.tend()
  expect(put).toEqual([2, 3, 4])
  leases.set('p', lease(0))
  await link.tend()
  ask()
  state.check = async () => 'lost'
  await link.tend()
  expect([opened(), lost]).toEqual([1, []])
  state.check = async () => 'there'
  await link.tend()
  expect([opened(), lost, put]).toEqual([2, [[0, 1]], [2, 3, 4]])
  expect(notes).toEqual([expect.stringContaining('the run waits'), expect.stringContaining('is there again')])
})

it('gives up a process that owes and does not move, by looks and by no clock', async () => {
  const { link, met, leases, lost, ask, lease, notes } = createStage()
  link.publish(0)
  await link.tend()
  leases.set('p', lease(5))
  await link.tend()
  ask()
  // A day in which the learner stood still is none of the process's.
  vi.setSystemTime(Date.now() + 864e5)
  for (let look = 0; look < 60; look++) await link.tend()
  expect(lost).toEqual([])
  await link.tend()
  expect([lost, notes]).toEqual([[[0, 1]], [expect.stringContaining('p has not moved')]])
  // Its lease goes on; while others play it is asked for nothing, until it starts anew.
  leases.delete('p')
  leases.set('q', { ...lease(0), instance: 'other' })
  await link.tend()
  leases.set('p', lease(5))
  await link.tend()
  expect(met).toEqual(['p', 'q'])
  leases.set('p', lease(0, 'started anew'))
  await link.tend()
  expect(met).toEqual(['p', 'q', 'p'])
})

it('takes an answer once, and nothing that was on its way before the process was met anew', async () => {
  const { link, state, leases, played, ask, lease, answer } = createStage()
  link.publish(0)
  await link.tend()
  leases.set('p', lease(0))
  await link.tend()
  ask()
  state.entries.push(answer(1), answer(1))
  await link.read()
  expect(played.map(({ actor }) => actor)).toEqual([0])
  let arrive = () => {}
  state.onTheWay = new Promise(done => (arrive = done))
  const reading = link.read()
  leases.set('p', lease(0, 'another start'))
  await link.tend()
  state.entries.push(answer(2))
  arrive()
  await reading
  expect(played).toHaveLength(1)
  // Its streams are new: their entries may have numbers below those of before, where a clock went back.
  await link.read()
  expect([state.after, state.dropped]).toEqual([['0'], ['1-0', '1-0']])
})

it('takes no answer before its turn, and blames nobody for it: Redis may have lost the one before', async () => {
  const { link, state, leases, played, notes, lease, answer } = createStage()
  link.publish(0)
  await link.tend()
  leases.set('p', lease(0))
  await link.tend()
  const asked = { actor: 0, generation: 0, version: 0, place: 0 }
  link.take({ ...asked, number: 0, from: null })
  link.take({ ...asked, number: 1 })
  state.entries.push(answer(2))
  await link.read()
  expect([played, notes]).toEqual([[], []])
  state.entries.push(answer(1), answer(2))
  await link.read()
  expect(played.map(({ number }) => number)).toEqual([0, 1])
})

it('asks again for what was played with weights that it does not know any more, and blames nobody', async () => {
  const { link, state, leases, played, lost, notes, ask, lease, answer } = createStage()
  link.publish(0)
  await link.tend()
  leases.set('p', lease(0))
  await link.tend()
  ask()
  state.knows = false
  state.entries.push(answer(1))
  await link.read()
  expect([played, lost, notes]).toEqual([[], [[0]], []])
  state.knows = true
  link.take({ actor: 0, number: 0, generation: 0, version: null, place: 0, from: null })
  // That of before is not wanted any more.
  state.entries.push(answer(1), answer(3), answer(2))
  await link.read()
  expect(played.map(({ actor }) => actor)).toEqual([0, 1])
})
