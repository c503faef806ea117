// All benchmarks, in the order they run.
import { act } from './act.ts'
import { actorThreads } from './actor-threads.ts'
import { agents } from './agents.ts'
import { agentsUpdate } from './agents-update.ts'
import { algorithms } from './algorithms.ts'
import { backends } from './backends.ts'
import { checkpoint } from './checkpoint.ts'
import { estimators } from './estimators.ts'
import type { Benchmark } from './figure.ts'
import { kernel } from './kernels.ts'
import { logging } from './logging.ts'
import { onPolicy } from './on-policy.ts'
import { playback } from './playback.ts'
import { qmixUpdate } from './qmix-update.ts'
import { remoteActors } from './remote-actors.ts'
import { replay } from './replay.ts'
import { standstill } from './standstill.ts'
import { stepThreads } from './step-threads.ts'
import { steps } from './steps.ts'
import { stops } from './stops.ts'
import { sweep } from './sweep.ts'
import { update } from './update.ts'
import { updateParts } from './update-parts.ts'
import { viewers } from './viewers.ts'

export const benchmarks: readonly Benchmark[] = [
  steps,
  stepThreads,
  actorThreads,
  remoteActors,
  agents,
  agentsUpdate,
  act,
  update,
  backends,
  updateParts,
  qmixUpdate,
  logging,
  algorithms,
  onPolicy,
  replay,
  checkpoint,
  estimators,
  kernel,
  viewers,
  stops,
  standstill,
  sweep,
  playback,
]
