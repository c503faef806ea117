// The games of a training: they begin in the calling thread, and are spread over several where measured time says that it is worth it.
import { existsSync } from 'node:fs'
import { agentsOf, stateSizeOf } from '../../envs/game-agents.ts'
import type { MarkovGame } from '../../envs/markov-game.ts'
import { createVariedGames, type Variation, type VariedGames } from '../../envs/varied-games.ts'
import { createVectorGame, type VectorGame, type VectorGameOptions } from '../../envs/vector-game.ts'
import { compiledFile } from '../../installation/package-folder.ts'
import type { JointStep, Saved } from '../../types.ts'
import type { GamesInThreads } from './games-of-run.ts'
import { copied } from './shares.ts'
import { SpreadGames, type SpreadOptions, spreadGames } from './spread-games.ts'

export interface GamesInThreadsOptions
  extends Required<Pick<VectorGameOptions, 'create' | 'games' | 'random' | 'extras' | 'states'>>,
    Pick<SpreadOptions, 'source'> {
  /** A game with options in place of some of its own; absent: their options cannot change. */
  readonly createWith?: (options: Variation) => MarkovGame
  /** At most. */
  readonly threads: number
  /** Seconds that a hook of a user's file may take; 0: any number. */
  readonly hookSeconds: number
  /**
   * How many of the steps that `advance` returned last must stay as they are; the memory of those before may be written again, which saves
   * a copy. Default: null, all.
   */
  readonly keptSteps?: number | null
  /** Is done before other threads are woken: whoever looks out for work on their cores goes to sleep. Default: nothing. */
  readonly beforeMove?: () => void
  /** For tests: vector steps after which the games are spread, whatever they take; null and default: by measured time. */
  readonly spreadAfter?: number | null
}

/** A vector step that takes less than this many milliseconds is not worth it, since handing over costs some 20 us. */
const worthwhile = 0.15
/** What a thread should have to do in a step, in milliseconds. */
const leastOfThread = 0.05
/** Vector steps after which time is looked at: before that code is still being compiled. Many times as much as is needed is seen sooner. */
const trialSteps = 64
const earlySteps = 8
const plainly = 10

/**
 * A vector game, the same to the bit as of `createVectorGame` for any number of threads. Threads start at most once, during a step: they
 * make their games, restore them where all were restored, and play again what was played until then, by the same actions. Games that come to
 * something else there stay in the calling thread, and so do those whose options change.
 */
export function createGamesInThreads(options: GamesInThreadsOptions): GamesInThreads {
  return new Games(options)
}

class Games implements GamesInThreads {
  #playing: VectorGame
  readonly #options: GamesInThreadsOptions
  /** What came since the games began or were restored; null: it is settled where they are played. */
  #trial: Trial | null
  /** What options they have; null: their own. */
  #varied: VariedGames | null = null
  declare vary?: (options: Variation) => void

  constructor(options: GamesInThreadsOptions) {
    this.#options = options
    const { create, games, random, extras, states, keptSteps = null } = options
    const kept = keptSteps === null ? {} : { keptSteps }
    this.#playing = createVectorGame({ create, games, random, extras, states, ...kept })
    this.#trial = options.threads > 1 && games > 1 && existsSync(program) ? newTrial(null) : null
    const { createWith } = options
    if (createWith !== undefined) this.vary = wanted => this.#vary(createWith, wanted)
  }

  get threads(): number {
    return this.#playing instanceof SpreadGames ? this.#playing.threads : 1
  }

  get agents() {
    return this.#playing.agents
  }

  get games(): readonly MarkovGame[] {
    return this.#playing.games
  }

  get steps(): number {
    return this.#playing.steps
  }

  get next(): JointStep {
    return this.#playing.next
  }

  get restarted(): Uint8Array {
    return this.#playing.restarted
  }

  get begun() {
    return this.#playing.begun
  }

  get acting() {
    return this.#playing.acting
  }

  get figures() {
    return this.#playing.figures
  }

  get hasMoved(): boolean {
    return this.#playing.hasMoved
  }

  advance(): JointStep {
    if (this.#trial === null) return this.#playing.advance()
    const began = performance.now()
    const step = this.#playing.advance()
    this.#look(this.#trial, step, performance.now() - began)
    return step
  }

  *advancing(): Generator<void, JointStep> {
    const step = yield* this.#playing.advancing()
    // Others had their turns meanwhile: its time says nothing.
    if (this.#trial !== null) this.#look(this.#trial, step, 0)
    return step
  }

  save(): Saved {
    const saved = this.#playing.save()
    return this.#varied === null ? saved : { ...(saved as Record<string, Saved>), variations: this.#varied.save() }
  }

  restore(saved: Saved): void {
    const { variations } = Object(saved) as { readonly variations?: Saved }
    const { createWith } = this.#options
    if (variations !== undefined && this.#varied === null && createWith !== undefined) this.#begin(createWith, {})
    // Of a run that was saved before they changed: as they would have been.
    this.#varied?.restore(variations ?? { wanted: '{}', games: this.games.map(() => '{}') })
    this.#playing.restore(saved)
    if (this.#trial !== null) this.#trial = newTrial(copied(saved))
  }

  dispose(): void {
    if (this.#playing instanceof SpreadGames) this.#playing.dispose()
    this.#trial = null
  }

  #vary(createWith: (options: Variation) => MarkovGame, wanted: Variation): void {
    if (this.#varied !== null) this.#varied.vary(wanted)
    else if (Object.keys(wanted).length > 0) {
      const saved = this.steps === 0 ? null : copied(this.#playing.save())
      this.#begin(createWith, saved === null ? wanted : {})
      if (saved === null) return
      this.#playing.restore(saved)
      this.#varied!.vary(wanted)
    }
  }

  /** New games, all in the calling thread, whose first episodes have options in place of some of their own. */
  #begin(createWith: (options: Variation) => MarkovGame, first: Variation): void {
    const { games, random, extras, states, keptSteps = null } = this.#options
    const varied = createVariedGames(createWith, first)
    const kept = keptSteps === null ? {} : { keptSteps }
    const playing = createVectorGame({ create: varied.create, games, random, extras, states, ...kept })
    this.dispose()
    this.#playing = playing
    this.#varied = varied
  }

  #look(trial: Trial, step: JointStep, milliseconds: number): void {
    trial.played.push(step.actions.map(({ data }) => data.slice()))
    trial.least = Math.min(trial.least, milliseconds)
    const steps = trial.played.length
    const { spreadAfter = null, threads, games } = this.#options
    if (spreadAfter !== null) {
      if (steps >= spreadAfter) this.#spread(trial, Math.min(threads, games))
      return
    }
    const wanted = Math.min(threads, games, Math.floor(trial.least / leastOfThread))
    if (steps === earlySteps && trial.least >= plainly * worthwhile) this.#spread(trial, wanted)
    else if (steps === trialSteps) {
      if (trial.least >= worthwhile) this.#spread(trial, wanted)
      else this.#trial = null
    }
  }

  #spread({ saved, played }: Trial, threads: number): void {
    this.#trial = null
    const {
      create,
      games,
      random,
      extras,
      states,
      source,
      hookSeconds,
      keptSteps = null,
      beforeMove = () => {},
    } = this.#options
    const first = this.games[0]!
    const spread = spreadGames({
      create,
      games,
      random,
      extras,
      threads,
      keptSteps,
      beforeMove,
      agents: agentsOf(first),
      stateSize: states ? stateSizeOf(first) : 0,
      source,
      threading: { program, hookSeconds },
      saved,
      played,
      next: this.next,
    })
    if (spread !== null) this.#playing = spread
  }
}

interface Trial {
  /** As they were restored; null: they began anew. */
  readonly saved: Saved
  /** Per step, per agent. */
  readonly played: Float32Array[][]
  /** Milliseconds of the fastest step. */
  least: number
}

function newTrial(saved: Saved): Trial {
  return { saved, played: [], least: Number.POSITIVE_INFINITY }
}

const program = compiledFile('run/threads/game-thread.js')
