// How a run is trained by a program, and what it is given for that.
import type { Observable } from 'rxjs'
import type { RecordedEvent } from '../experiment/record.ts'
import type { RunFolder } from '../experiment/run-folder.ts'
import type { Session, SessionState } from '../experiment/session.ts'
import type { TrainingControls } from '../experiment/trainer.ts'
import type { Run } from '../run/run.ts'
import type { Page } from './page.ts'
import type { PageOptions, RecordOptions } from './page-options.ts'

/** What only a program can give a training; a run goes on with the operators that it was trained with, or is refused. */
export type OwnControls = Pick<TrainingControls, 'operators' | 'stopWhen' | 'sinks' | 'pictures'>

/** The names are those of the options of `marlstrom train`. */
export interface TrainRunOptions extends PageOptions, RecordOptions, OwnControls {
  /** The run folder; absent: `runs/<scenario>-<algorithm>-s<seed>-<time>`. */
  readonly out?: string | undefined
  /** Serves the live page: true for the first free port, a port, or a page that is open already. Absent: there is no page. */
  readonly watch?: boolean | number | Page | undefined
  /** Trains on in a folder whose trainer, on another host, is dead. */
  readonly takeover?: boolean | undefined
}

/** The same for a run that goes on, or whose newest checkpoint another begins with. */
export interface GoOnOptions extends TrainRunOptions {
  /** Leaves out rows of the replay buffer that are damaged. */
  readonly withoutDamagedRows?: boolean | undefined
  /** Goes on with other kernels or another BLAS, by other bits. */
  readonly acceptOtherKernels?: boolean | undefined
  /** Of `resumeRun`: goes on from the newest checkpoint up to this environment step; later ones are set aside. */
  readonly beforeStep?: number | undefined
}

/** A run that is being trained into its folder. */
export interface RunTraining {
  readonly run: Run
  readonly folder: RunFolder
  /** What viewers know: `session.state`, `session.changes$`. */
  readonly session: Session
  /** Where the page is; null: there is none. */
  readonly url: string | null
  /** The file of the recording; null: there is none. */
  readonly recording: string | null
  /** Everything that happens, shared. The first subscriber, or `finished()`, begins the training; it ends when the run is done or stopped. */
  readonly events$: Observable<RecordedEvent | ProgressEvent>
  /** What it came to. Rejects with what made it fail; the newest checkpoint is as it was. */
  finished(): Promise<TrainedRun>
  /** Ends it between two ticks, with a checkpoint. */
  stop(): void
  /** Ends it as `stop` does, waits for that, closes page and recording, gives the folder free and the memory back. */
  close(): Promise<void>
}

/** What a training came to in this process. */
export interface TrainedRun {
  readonly runFolder: string
  /** Before the run was done. */
  readonly stopped: boolean
  readonly episodes: number
  readonly envSteps: number
  /** Update rounds. */
  readonly updates: number
  readonly wallSeconds: number
  readonly envStepsPerSecond: number
  /** By agent id: training return per episode, mean of the last 1,000. */
  readonly returns: Readonly<Record<string, number>>
}

/** How far a training is, four times a second. */
export interface ProgressEvent {
  readonly type: 'progress'
  readonly progress: SessionState['progress']
  /** Training returns so far, by agent id. */
  readonly returns: Readonly<Record<string, number>>
}
