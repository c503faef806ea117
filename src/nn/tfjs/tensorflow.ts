// Loads TensorFlow.js and chooses what carries its tensors: native TensorFlow, WebAssembly, or plain JavaScript.
import type * as tfjs from '@tensorflow/tfjs-core'
import { ConfigError } from '../../errors.ts'

export type TensorFlow = typeof tfjs

/** What carries the tensors, best first. */
export const carriers = ['tensorflow', 'wasm', 'cpu'] as const
export type Carrier = (typeof carriers)[number]

export interface LoadedTensorFlow {
  readonly tf: TensorFlow
  readonly carrier: Carrier
  /** Why a better carrier is not used, and what is used instead; null when there is nothing to say. */
  readonly notice: string | null
}

/** Installs what marlstrom computes with: TensorFlow.js is no part of it, since most do without and it is larger than all the rest. */
export const installTensorFlow =
  'npm install @tensorflow/tfjs-core@4 @tensorflow/tfjs-layers@4 @tensorflow/tfjs-backend-wasm@4 @tensorflow/tfjs-backend-cpu@4'

/** Whether TensorFlow.js is there to be loaded. */
export async function hasTensorFlow(): Promise<boolean> {
  try {
    await loadParts()
    return true
  } catch (error) {
    if (isMissing(error)) return false
    throw error
  }
}

/** TensorFlow.js; the layers package is what registers the automatic gradients: tfjs-core by itself has none in Node. */
async function loadParts(): Promise<TensorFlow> {
  const tf = await import('@tensorflow/tfjs-core')
  await import('@tensorflow/tfjs-layers')
  return tf
}

/** What each carrier is loaded from; loading it registers it with TensorFlow.js. */
const packages: Readonly<Record<Carrier, () => Promise<unknown>>> = {
  tensorflow: () => {
    // Native TensorFlow's notes about the processor are no news; warnings and errors stay.
    process.env.TF_CPP_MIN_LOG_LEVEL ??= '1'
    // An optional dependency: the cast lets the compiler do without it too.
    return import('@tensorflow/tfjs-node' as string)
  },
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
}

/**
 * `auto`: the first carrier that loads and computes. TensorFlow.js has one active carrier per process; it is set here.
 * @throws ConfigError with the reason when the carrier asked for (or every one) does not work, or TensorFlow.js is not installed.
 */
export async function loadTensorFlow(
  choice: Carrier | 'auto' = 'auto',
  from = packages,
  parts: () => Promise<TensorFlow> = loadParts,
): Promise<LoadedTensorFlow> {
  const tf = await parts().catch(error => {
    if (!isMissing(error)) throw error
    throw new ConfigError(
      'run.backend',
      `tfjs computes with TensorFlow.js, which is not installed: ${installTensorFlow}${choice === 'tensorflow' ? ' @tensorflow/tfjs-node@4' : ''}`,
    )
  })
  const reasons: string[] = []
  for (const carrier of choice === 'auto' ? carriers : [choice]) {
    const reason = await reasonAgainst(tf, carrier, from[carrier])
    if (reason === null) {
      const notice = reasons.length === 0 ? null : `tfjs: ${reasons.join('; ')}; ${carrier} is used instead`
      return { tf, carrier, notice }
    }
    reasons.push(reason)
  }
  const remedy = choice === 'auto' ? '' : '; choose another with run.tfjs=auto'
  throw new ConfigError('run.tfjs', `${reasons.join('; ')}${remedy}`)
}

/** Makes a carrier the active one for what follows; it must have been loaded before. */
export function activate(tf: TensorFlow, carrier: Carrier): void {
  // Asynchronous in name: for a carrier that is ready the switch has happened when the call returns.
  if (tf.getBackend() !== carrier) void tf.setBackend(carrier)
}

/** Why a carrier cannot be used, as a sentence; null when it loads and computes what it should. */
async function reasonAgainst(tf: TensorFlow, carrier: Carrier, load: () => Promise<unknown>): Promise<string | null> {
  try {
    await load()
    // Production mode keeps the greeting of the cpu carrier out of the terminal.
    const production = tf.env().getBool('PROD')
    tf.env().set('PROD', true)
    try {
      if (!(await tf.setBackend(carrier))) return `${carrier} does not start`
      return computes(tf) ? null : `${carrier} computes wrong numbers`
    } finally {
      tf.env().set('PROD', production)
    }
  } catch (error) {
    return describe(carrier, error)
  }
}

/** A product and a gradient: what is missing in a broken carrier shows here, and not in the middle of a training. */
function computes(tf: TensorFlow): boolean {
  return tf.tidy(() => {
    const [x, w] = [tf.tensor2d([1, 2, 3, 4], [2, 2]), tf.tensor2d([1, 2, 3, 4], [2, 2])]
    const gradient = tf.grad(y => tf.sum(tf.relu(tf.matMul(y as tfjs.Tensor2D, w))))(x)
    return [...gradient.dataSync()].join() === '3,7,3,7'
  })
}

function describe(carrier: Carrier, error: unknown): string {
  const firstLine = String((error as { message?: string }).message ?? error).split('\n')[0]!
  const missing = /'(@tensorflow\/[\w-]+)'/.exec(firstLine)?.[1]
  if (isMissing(error) && missing !== undefined) {
    return `${carrier === 'tensorflow' ? 'native TensorFlow' : carrier} is not installed (npm install ${missing}@4)`
  }
  if (carrier !== 'tensorflow') return `${carrier} does not work (${firstLine})`
  const hint = firstLine.includes('isNullOrUndefined') ? '; versions up to 4.22 need Node below 23' : ''
  return `native TensorFlow does not work on Node ${process.versions.node} (${firstLine}${hint})`
}

function isMissing(error: unknown): boolean {
  return (error as { code?: string }).code === 'ERR_MODULE_NOT_FOUND'
}
