// Actors of a miniature run as a process elsewhere plays them, without a Redis: tickets in, messages out.
import { keptVersions } from '../../src/actors/actor-weights.ts'
import type { Ticket } from '../../src/actors/experience-source.ts'
import { createMessageLayout } from '../../src/actors/trajectory-message.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { type ActorsHere, actorsOfPlan, statesEvery } from '../../src/run/actors/actors-of-plan.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { planRun } from '../../src/run/plan.ts'
import { createAnswerCheck } from '../../src/run/remote/check-answer.ts'
import { createReplayedPlay } from '../../src/run/remote/replay-play.ts'

export const smallPlay: Overrides = {
  scenario: { id: 'simple_tag' },
  learner: { algorithm: 'ppo' },
  network: { hidden: [6] },
  // Every fourth trajectory brings a state.
  run: { seed: 3, games: 4, actors: 2, threads: 1, trajectorySteps: 64 },
}

/** Weights of any version. */
export const weightsOf = (size: number, version: number) =>
  Float32Array.from({ length: size }, (_, i) => ((i * 31 + version * 17) % 13) / 40 - 0.15)

/** The actors of a run, the layout of their messages, and what plays tickets to the end. */
export async function remotePlay(settings: Overrides = {}) {
  const plan = await planRun(layer(smallPlay, settings))
  const backend = await createSimdBackend({ threads: 1 })
  const probe = actorsOfPlan(plan, backend, { versions: keptVersions(new ArrayBuffer(0), 0, 0), newest: () => 0 })
  const { size } = probe.weights
  const versions = { buffer: new ArrayBuffer(0), at: (version: number) => weightsOf(size, version) }
  const make = () => actorsOfPlan(plan, backend, { versions, newest: () => 0 })
  const { shape } = probe
  const layout = createMessageLayout(shape)
  const keyEvery = statesEvery(shape.steps)
  const play = (player: ActorsHere, ticket: Ticket): Uint8Array => {
    const memory = ticket.place === null ? null : layout.memoryOf(new ArrayBuffer(layout.bytes))
    player.begin(ticket, memory)
    for (;;) {
      const arrival = player.advance()
      if (arrival === null) continue
      const { actor, number } = ticket
      return memory === null
        ? layout.encodeUnread({ actor, number, version: arrival.version }, arrival.state)
        : layout.encode(memory, arrival.state)
    }
  }
  return {
    make,
    play,
    layout,
    shape,
    keyEvery,
    /** What a learner checks answers by. */
    check: (isExact = true) =>
      createAnswerCheck({
        ...{ layout, keyEvery, isExact },
        versionsFor: ({ number }) => [Math.max(0, number - 1), number],
        createPlayer: probe.createPlayer,
      }),
    replayed: () => createReplayedPlay(make(), layout),
    dispose: () => backend.dispose(),
  }
}

/** Ticket n of an actor from its beginning on. */
export const ticketOf = (number: number, of: Partial<Ticket> = {}): Ticket => ({
  ...{ actor: 0, number, version: Math.max(0, number - 1), place: number % 2, generation: 0 },
  ...(number === 0 ? { from: null } : {}),
  ...of,
})
