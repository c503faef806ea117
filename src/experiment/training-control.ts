// A training as viewers control it: paused, stopped with a checkpoint, and started again in the same process.
import { BehaviorSubject, defer, EMPTY, firstValueFrom, merge, type Observable, of, Subject } from 'rxjs'
import { ConfigError } from '../errors.ts'
import type { TrainingCommand } from './commands.ts'
import type { Session } from './session.ts'
import type { Show } from './show.ts'

/** Pause, resume and stop of a training from outside, as viewers and Ctrl-C ask for it. */
export interface TrainingControl {
  /** For `train`: whether it pauses, and when it ends between two ticks. */
  readonly paused$: Observable<boolean>
  readonly stop$: Observable<unknown>
  /** What a viewer asks. @throws ConfigError where the training is not in a state to do it. */
  command(command: TrainingCommand): void
  /** Ends it for good. */
  quit(): void
  readonly quitted: boolean
  /** After a training was stopped: true when it is to be started again, false when it was ended for good. */
  goesOn(message: string): Promise<boolean>
}

/** The session's status says how the training stands; this changes it. */
export function createTrainingControl(session: Session): TrainingControl {
  const paused = new BehaviorSubject(false)
  const stop = new Subject<void>()
  const start = new Subject<boolean>()
  let quitted = false
  const demand = (...expected: readonly string[]) => {
    const { status } = session.state
    if (expected.includes(status)) return
    throw new ConfigError('', `the training must be ${expected.join(' or ')} for that; it is ${status}`)
  }
  const does: Readonly<Record<TrainingCommand['type'], () => void>> = {
    pauseTraining() {
      demand('training')
      paused.next(true)
    },
    resumeTraining() {
      demand('paused')
      paused.next(false)
    },
    stopTraining() {
      demand('training', 'paused')
      stop.next()
    },
    startTraining() {
      demand('stopped')
      paused.next(false)
      start.next(true)
    },
  }
  return {
    paused$: paused.asObservable(),
    // Who begins to train after the end was asked for is stopped too.
    stop$: merge(
      stop,
      defer(() => (quitted ? of(undefined) : EMPTY)),
    ),
    command(command) {
      does[command.type]()
      session.dispatch(command)
    },
    quit() {
      quitted = true
      stop.next()
      start.next(false)
    },
    get quitted() {
      return quitted
    },
    async goesOn(message) {
      if (quitted) return false
      session.dispatch({ type: 'stopped', message })
      return firstValueFrom(start)
    },
  }
}

/** A show beside a training: what concerns the training goes there, all else to the show. */
export function besideTraining(show: Show, control: TrainingControl): Show {
  return {
    schema$: show.schema$,
    moments$: show.moments$,
    inspect: agent => show.inspect(agent),
    ...(show.look && { look: agents => show.look!(agents) }),
    left: viewer => show.left(viewer),
    command: (command, viewer) =>
      isTrainingCommand(command) ? control.command(command) : show.command(command, viewer),
  }
}

function isTrainingCommand(command: { readonly type: string }): command is TrainingCommand {
  return command.type.endsWith('Training')
}
