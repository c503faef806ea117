// Where experience comes from: trajectories that actors play, asked for one by one, with weights that learners publish.
//
// learner -- request, publish --> source -- tickets, weights --> players (this thread, other threads, other machines)
//         <-- trajectories ------        <-- messages ---------
//
// An actor is logical: games, noise and policies with random streams of their own. Its trajectory is a function of its state and of the
// weights that it plays with, and so the same bits whoever plays it. A ticket says which trajectory is to be played and with which version
// of the weights; nobody plays without one, so that nothing is ever dropped and no queue grows. Version v are the weights after v batches
// of as many trajectories as there are actors were learnt from. In a fixed order (in-turn.ts) a batch is one of every actor, and trajectory n
// is played with version n - lag, while the learner is still at those before; in order of arrival (by-arrival.ts) it is the next that come.
//
// What a source saves is small: the version it is at, the last versions, and the state of every actor at its last key trajectory. From
// there a lost or resumed actor plays again what it played before; what was learnt from already is dropped.
import type { Observable } from 'rxjs'
import type { Saved, Stateful } from '../types.ts'
import type { TrajectoryMemory } from './trajectory-message.ts'

/** A trajectory that was played. */
export interface PlayedTrajectory {
  readonly actor: number
  /** Trajectories of that actor before it. */
  readonly number: number
  /** Of the weights that it was played with. */
  readonly version: number
  /** Its columns; they stay as they are until as many further trajectories of its actor were asked for as were at the beginning. */
  readonly memory: TrajectoryMemory
  /** The state of the actor at its end, encoded; null: this one brings none. */
  readonly state: Uint8Array | null
  /** Whether it begins elsewhere than where the one of its actor ended that was handed over last. Absent: it goes on from there. */
  readonly afterGap?: boolean
}

/** What learners know of those who play for them. */
export interface ExperienceSource extends Stateful {
  /** Trajectory by trajectory, of each actor in turn. It emits within `look`. An error of a game or a policy is its error. */
  readonly trajectories$: Observable<PlayedTrajectory>
  /** Hands out tickets for so many further trajectories: of all actors in turn, or of one of them, whose oldest is not needed any more. */
  request(count: number, actor?: number): void
  /** Makes weights known, of which the version is one more than of those before. */
  publish(weights: Float32Array, version: number): void
  /** Takes in what has come; waits for it up to so many milliseconds where nothing has. */
  look(milliseconds: number): void
  /** Plays one step of what is asked for, where the calling thread is the one that plays. Absent: others do. */
  readonly work?: () => void
  /** Who plays an actor, where that is a process with a name; null: nobody does now. */
  playerOf?(actor: number): string | null
  /** Nobody plays any more. `isOver`: the training is done, and will not go on. */
  dispose(isOver?: boolean): void
}

/** Leave to play one trajectory. */
export interface Ticket {
  readonly actor: number
  readonly number: number
  /** null: the newest weights that are known when it begins. */
  readonly version: number | null
  /** Which of the actor's memories it is played into; null: it was learnt from already, and nobody will read it. */
  readonly place: number | null
  /** Rises with every restore: what earlier tickets led to is dropped. */
  readonly generation: number
  /** Where the actor begins: as it was then, or null, anew. Absent: where its last trajectory ended. */
  readonly from?: Saved
}

/** Whoever plays for a source, in whatever order: the calling thread, other threads, other machines. */
export interface ActorPool {
  play(ticket: Ticket): void
  publish(weights: Float32Array, version: number): void
  /**
   * Hands over what has come since it was last called, and the actors whose players are lost; waits as `look` of a source. `distrusted`:
   * those of the lost of which what they played is not to be learnt from, as far as it was not handed over yet.
   */
  collect(milliseconds: number): {
    readonly played: readonly Arrival[]
    readonly lost: readonly number[]
    readonly distrusted?: readonly number[]
  }
  readonly work?: () => void
  playerOf?(actor: number): string | null
  dispose(isOver?: boolean): void
}

/** A trajectory as a pool hands it over. */
export interface Arrival {
  readonly ticket: Ticket
  readonly version: number
  /** null: nobody reads it. */
  readonly memory: TrajectoryMemory | null
  readonly state: Uint8Array | null
}
