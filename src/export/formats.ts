// Export formats: what each writes, and how each is run to be compared with the actor.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../experiment/atomic-file.ts'
import { readSafetensors, writeSafetensors } from '../experiment/safetensors.ts'
import { runLayersModel } from '../nn/tfjs/layers-model.ts'
import { hasTensorFlow, installTensorFlow } from '../nn/tfjs/tensorflow.ts'
import type { Matrix, SavedTensor, Seen } from '../types.ts'
import { allArrays, describe, type ExportedActor, type ExportedLayer, type ExportedSet } from './exported-actor.ts'
import { forwardActor } from './forward-layers.ts'
import { javascriptModule } from './javascript-module.ts'
import { layersModel } from './layers-model.ts'
import { onnxModel } from './onnx.ts'

/** What a written export answers to observations: its logits and, if it says so itself, the greedy action or the probabilities. */
export interface Answers {
  readonly logits: Matrix
  readonly action?: Matrix
  readonly probabilities?: Matrix
}

export interface ExportFormat {
  readonly description: string
  /** Writes an actor below a folder, as `<name>` with the format's ending; gives the paths written, the one to open last. */
  write(actor: ExportedActor, folder: string, name: string): readonly string[] | Promise<readonly string[]>
  /** Runs what was written, under the mask of the observations if they have one; null: that takes a program that is not there. */
  run(folder: string, files: readonly string[], observations: Seen): Promise<Answers | null>
  /** Why it may not be run here, as a sentence; null: it is always run. */
  readonly missing: string | null
}

export const exportFormats: Readonly<Record<string, ExportFormat>> = {
  tfjs: {
    description: 'TensorFlow.js LayersModel: <agent>/model.json, for tf.loadLayersModel',
    write(actor, folder, name) {
      const { model, weights, weightsFile } = layersModel(actor)
      const files = [join(name, weightsFile), join(name, 'model.json')] as const
      writeFileAtomic(join(folder, files[0]), [weights])
      writeFileAtomic(join(folder, files[1]), [Buffer.from(JSON.stringify(model))])
      return files
    },
    missing: `TensorFlow.js is not installed (${installTensorFlow})`,
    async run(folder, [weights, model], observations) {
      if (!(await hasTensorFlow())) return null
      const outputs = await runLayersModel(
        JSON.parse(readFileSync(join(folder, model!), 'utf8')),
        readFileSync(join(folder, weights!)),
        observations.mask === undefined ? [observations] : [observations, observations.mask],
      )
      return { logits: outputs[0]!, probabilities: outputs[1]! }
    },
  },
  onnx: {
    description: 'ONNX, operator set 13: <agent>.onnx, for any ONNX runtime',
    write: (actor, folder, name) => writeOne(folder, `${name}.onnx`, onnxModel(actor)),
    missing: 'no ONNX runtime is part of marlstrom',
    run: async () => null,
  },
  safetensors: {
    description: 'weights by name: <agent>.safetensors, for Python and others',
    write(actor, folder, name) {
      const tensors = new Map<string, SavedTensor>()
      for (const { name, shape, data } of allArrays(actor)) tensors.set(name, { shape, data })
      const about = Object.entries(describe(actor)).map(([key, value]) => [
        key,
        typeof value === 'string' ? value : JSON.stringify(value),
      ])
      writeSafetensors(join(folder, `${name}.safetensors`), tensors, {
        format: 'marlstrom-actor/1',
        ...Object.fromEntries(about),
      })
      return [`${name}.safetensors`]
    },
    missing: null,
    async run(folder, [file], observations) {
      const { tensors, metadata } = readSafetensors(join(folder, file!))
      return {
        logits: forwardActor(
          readLayers(metadata, name => tensors.get(name)!.data as Float32Array),
          observations,
        ),
      }
    },
  },
  js: {
    description: 'one JavaScript module without dependencies: <agent>.js with act(observation), for browsers',
    write: async (actor, folder, name) => writeOne(folder, `${name}.js`, Buffer.from(await javascriptModule(actor))),
    missing: null,
    async run(folder, [file], observations) {
      // By its text, so that the file is read as a module whatever package its folder belongs to.
      const text = readFileSync(join(folder, file!))
      const module = (await import(`data:text/javascript;base64,${text.toString('base64')}`)) as JavascriptModule
      return { logits: rowByRow(module.logits, observations), action: rowByRow(module.act, observations) }
    },
  },
}

type LayerShape = Pick<ExportedLayer, 'inputs' | 'size' | 'activation'> & { layerNorm: boolean; inputNorm: boolean }
type SetShape = Omit<ExportedSet, 'layers' | 'norm'> & { layers: readonly LayerShape[]; layerNorm: boolean }

/** Layers as `describe` tells of them, with their arrays by name. */
function readLayers(
  metadata: Readonly<Record<string, string>>,
  array: (name: string) => Float32Array,
): Pick<ExportedActor, 'standard' | 'sets' | 'layers'> {
  const layersOf = (shapes: readonly LayerShape[], prefix: string) =>
    shapes.map(({ layerNorm, inputNorm, ...shape }, l): ExportedLayer => {
      const data = (name: string) => array(`${prefix}layer${l}.${name}`)
      const norm = layerNorm ? { norm: { gain: data('gain'), shift: data('shift') } } : {}
      const before = inputNorm ? { inputNorm: { gain: data('inputGain'), shift: data('inputShift') } } : {}
      return { ...shape, weight: data('weight'), bias: data('bias'), ...norm, ...before }
    })
  const part = (name: string) => array(`observation.${name}`)
  const isStandard = metadata.standardised !== undefined
  const standard = isStandard ? { standard: { mean: part('mean'), scale: part('scale'), limit: part('limit') } } : {}
  const layers = layersOf(JSON.parse(metadata.layers!), '')
  if (metadata.sets === undefined) return { ...standard, layers }
  const sets = (JSON.parse(metadata.sets) as SetShape[]).map(({ layerNorm, layers: shapes, ...place }, s) => ({
    ...place,
    layers: layersOf(shapes, `set${s}.`),
    ...(layerNorm ? { norm: { gain: array(`set${s}.gain`), shift: array(`set${s}.shift`) } } : {}),
  }))
  return { ...standard, sets: { plain: JSON.parse(metadata.plainColumns!), sets }, layers }
}

interface JavascriptModule {
  logits(observation: Float32Array, mask?: Float32Array): Float32Array
  act(observation: Float32Array, mask?: Float32Array): Float32Array
}

function writeOne(folder: string, file: string, bytes: Uint8Array): readonly string[] {
  writeFileAtomic(join(folder, file), [bytes])
  return [file]
}

function rowByRow(answer: JavascriptModule['act'], { mask, ...observations }: Seen): Matrix {
  const { rows } = observations
  const rowOf = ({ columns, data }: Matrix, r: number) => data.subarray(r * columns, (r + 1) * columns)
  const answers = Array.from({ length: rows }, (_, r) => answer(rowOf(observations, r), mask && rowOf(mask, r)))
  return { rows, columns: answers[0]!.length, data: Float32Array.from(answers.flatMap(row => [...row])) }
}
