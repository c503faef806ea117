// The program of a thread of actors: it plays the tickets that it is given, one after the other, into shared memory.
import { workerData } from 'node:worker_threads'
import { keptVersions } from '../../actors/actor-weights.ts'
import type { Ticket } from '../../actors/experience-source.ts'
import { createMessageLayout } from '../../actors/trajectory-message.ts'
import { createSimdBackend } from '../../nn/simd/backend.ts'
import { actorsOfPlan } from '../actors/actors-of-plan.ts'
import type { Overrides } from '../config/config.ts'
import { kernelOptions } from '../kernels.ts'
import { planRun } from '../plan.ts'
import { type ActorAnswer, type ActorThreadData, actorWords } from './actor-messages.ts'
import { asThrown } from './thrown.ts'

const { port, config, versions, memories: given, words: shared } = workerData as ActorThreadData
const words = new Int32Array(shared)

const say = (answer: ActorAnswer) => {
  const moved = answer.type === 'played' && answer.state !== null ? [answer.state.buffer as ArrayBuffer] : []
  port.postMessage(answer, moved)
  Atomics.add(words, actorWords.answers, 1)
  Atomics.notify(words, actorWords.answers)
}

try {
  const backend = await createSimdBackend({ threads: 1, ...kernelOptions(config.run, false) })
  const player = actorsOfPlan(await planRun(config as unknown as Overrides), backend, {
    versions: keptVersions(versions.memory, versions.size, versions.count),
    newest: () => Atomics.load(words, actorWords.newest),
  })
  const layout = createMessageLayout(player.shape)
  const memories = new Map([...given].map(([actor, places]) => [actor, places.map(layout.memoryOf)]))
  const play = (ticket: Ticket) => {
    const { actor, place } = ticket
    player.begin(ticket, place === null ? null : memories.get(actor)![place]!)
    for (;;) {
      const arrival = player.advance()
      if (arrival === null) continue
      const { version, state } = arrival
      return say({ type: 'played', ticket, version, state })
    }
  }
  port.on('message', (ticket: Ticket) => {
    try {
      play(ticket)
    } catch (error) {
      say({ type: 'thrown', thrown: asThrown(error), generation: ticket.generation })
    }
  })
} catch (error) {
  say({ type: 'thrown', thrown: asThrown(error), generation: null })
}
