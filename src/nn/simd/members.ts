// Members that share a network of dense layers: what they all see is multiplied once, and who they are is a row of weights that is added.
import type { Matrix } from '../../types.ts'
import type { Columns } from '../backend.ts'
import type { CommonRows, MembersNetwork, MembersSpec } from '../members.ts'
import type { DenseLayer, NetworkSpec, TensorSpec } from '../network.ts'
import { checkMatrix } from '../shapes.ts'
import { type DenseShape, denseForward, denseInputGradient, type Workspace } from './dense.ts'
import { activationCode } from './kernels.ts'
import type { SimdMemory } from './memory.ts'
import { SimdNetwork } from './network.ts'
import { Results } from './plans.ts'

/** Rows that are inferred at a time, so that their numbers stay in the cache. */
const inferredRows = 8192

/**
 * Whether this is a network that `SimdMembers` can pass: dense layers, two or more, the first of them not normalised, and not of one unit,
 * whose product adds up in another order.
 */
export function hasMembers({ layers }: NetworkSpec): boolean {
  if (layers.length < 2 || layers.some(({ kind }) => kind !== 'dense')) return false
  const { size, layerNorm } = layers[0] as DenseLayer
  return size > 1 && layerNorm !== true
}

/** First layer: x W + b is the stem's product, plus the member's row of W; then the activation; all other layers are the tail. */
export class SimdMembers implements MembersNetwork {
  readonly spec: NetworkSpec
  readonly tensors: readonly TensorSpec[]
  readonly parameters: Float32Array
  readonly gradients: Float32Array
  readonly #memory: SimdMemory
  readonly #workspace: Workspace
  readonly #members: MembersSpec
  readonly #size: number
  readonly #activation: number
  readonly #stem: SimdNetwork
  readonly #tail: SimdNetwork
  /** By member: the addresses of its row of the first layer's weights, and of that row's gradient; 0: it is not told apart. */
  readonly #rows: readonly { readonly weight: number; readonly gradient: number }[]
  readonly #hidden: Results
  readonly #inferred: Results
  readonly #outputs: Results
  readonly #moved: Results
  readonly #replaced: Results
  readonly #gradient: Results
  readonly #sum: Results
  readonly #ownGradient: Results
  #kept: Matrix | undefined

  constructor(memory: SimdMemory, workspace: Workspace, network: SimdNetwork, members: MembersSpec) {
    const { spec, tensors, parameters, gradients } = network
    const { positions, identityColumns } = members
    const [first, ...others] = spec.layers as readonly DenseLayer[] as [DenseLayer, ...DenseLayer[]]
    const plain = spec.inputs - identityColumns
    const addresses = { parameters: parameters.byteOffset, gradients: gradients.byteOffset }
    const part = (inputs: number, layers: readonly DenseLayer[], own: readonly TensorSpec[]) =>
      new SimdNetwork(memory, workspace, { inputs, layers }, null, {
        ...addresses,
        tensors: own,
        count: parameters.length,
      })
    const of = (l: number) => tensors.filter(({ name }) => name.startsWith(`layer${l}.`))
    const [weight] = of(0) as [TensorSpec]
    const { orthogonal: _, constant: __, ...plainFirst } = first
    this.spec = { ...spec, inputs: plain }
    this.tensors = tensors
    this.parameters = parameters
    this.gradients = gradients
    this.#memory = memory
    this.#workspace = workspace
    this.#members = members
    this.#size = first.size
    this.#activation = activationCode[first.activation]
    this.#stem = part(
      plain,
      [{ ...plainFirst, activation: 'identity' }],
      of(0).map(tensor => (tensor === weight ? { ...weight, shape: [plain, first.size] } : tensor)),
    )
    this.#tail = part(
      first.size,
      others,
      others.flatMap((_, l) =>
        of(l + 1).map(tensor => ({ ...tensor, name: tensor.name.replace(`layer${l + 1}.`, `layer${l}.`) })),
      ),
    )
    const rowOf = (position: number) => 4 * (weight.offset + first.size * (plain + position))
    this.#rows = positions.map(position =>
      identityColumns === 0
        ? { weight: 0, gradient: 0 }
        : { weight: addresses.parameters + rowOf(position), gradient: addresses.gradients + rowOf(position) },
    )
    const results = () => new Results(memory)
    this.#hidden = results()
    this.#inferred = results()
    this.#outputs = results()
    this.#moved = results()
    this.#replaced = results()
    this.#gradient = results()
    this.#sum = results()
    this.#ownGradient = results()
  }

  forward(input: CommonRows): Matrix {
    const { length: count } = this.#rows
    const sums = this.#stem.forward(input)
    const rows = this.#rowsOf(input)
    const hidden = this.#hidden.of(count * rows, this.#size)
    this.#enter(sums, input, rows, 0, count, hidden)
    this.#kept = hidden
    return this.#tail.forward(hidden)
  }

  infer(input: CommonRows): Matrix {
    const { length: count } = this.#rows
    const rows = this.#rowsOf(input)
    const common = this.#members.own === undefined ? null : this.#stem.infer(input)
    const step = Math.max(1, Math.floor(inferredRows / rows))
    let outputs: Matrix | undefined
    for (let from = 0; from < count; from += step) {
      const end = Math.min(count, from + step)
      const sums = common ?? this.#stem.infer(rowsIn(input, from * rows, end * rows))
      const hidden = this.#inferred.of((end - from) * rows, this.#size)
      this.#enter(sums, input, rows, from, end, hidden)
      const some = this.#tail.infer(hidden)
      outputs ??= this.#outputs.of(count * rows, some.columns)
      outputs.data.set(some.data, from * rows * some.columns)
    }
    return outputs!
  }

  inferOne(input: Matrix, member: number): Matrix {
    const hidden = this.#inferred.of(input.rows, this.#size)
    this.#enter(this.#stem.infer(input), input, input.rows, member, member + 1, hidden)
    return this.#tail.infer(hidden)
  }

  backward(outputGradient: Matrix): void {
    const gradient = this.#derived(this.#tail.backwardThrough(outputGradient))
    const { kernels } = this.#memory
    const rows = gradient.rows / this.#rows.length
    const size = this.#size
    const at = (member: number) => gradient.data.byteOffset + 4 * member * rows * size
    this.#rows.forEach((row, member) => {
      if (row.gradient !== 0) kernels.biasGradient(at(member), 4 * size, row.gradient, rows, size)
    })
    if (this.#members.own === undefined) {
      this.#stem.backward(gradient)
      return
    }
    // What all see has the sum of their gradients.
    const sum = this.#sum.of(rows, size)
    const to = sum.data.byteOffset
    this.#rows.forEach((_, member) => {
      kernels.keepRows(at(member), 4 * size, member === 0 ? 0 : to, 0, to, rows, size)
    })
    this.#stem.backward(sum)
  }

  inputGradient(outputGradient: Matrix, columns?: Columns): Matrix {
    const gradient = this.#derived(this.#tail.inputGradient(outputGradient))
    const { own } = this.#members
    if (own === undefined) return this.#stem.inputGradient(gradient, columns)
    const rows = gradient.rows / this.#rows.length
    const size = own[0]!.to - own[0]!.from
    const result = this.#ownGradient.of(gradient.rows, size)
    own.forEach(({ from }, member) => {
      const g = gradient.data.byteOffset + 4 * member * rows * this.#size
      const to = result.data.byteOffset + 4 * member * rows * size
      denseInputGradient(this.#memory, this.#workspace, this.#layer(from, size), rows, g, 0, size, 0, 0, to)
    })
    return result
  }

  #rowsOf({ rows }: Matrix): number {
    return this.#members.own === undefined ? rows / this.#rows.length : rows
  }

  /** The first layer's results of some members, from the stem's sums: those that all have in common, or their own. */
  #enter(sums: Matrix, input: CommonRows, rows: number, from: number, end: number, hidden: Matrix): void {
    const { kernels } = this.#memory
    const { own } = this.#members
    const size = this.#size
    for (let member = from; member < end; member++) {
      const block = 4 * (member - from) * rows * size
      const to = hidden.data.byteOffset + block
      const sum = sums.data.byteOffset + (own === undefined ? block : 0)
      const { weight } = this.#rows[member]!
      if (input.own !== undefined && own !== undefined) {
        const moved = this.#move(input, input.own, own[member]!, member, weight)
        kernels.keepRows(moved, 4 * size, sum, 0, to, rows, size)
      } else if (weight === 0) kernels.keepRows(sum, 4 * size, 0, 0, to, rows, size)
      else kernels.keepRows(weight, 0, sum, 0, to, rows, size)
    }
    kernels.activateAll(hidden.data.byteOffset, (end - from) * rows * size, this.#activation)
  }

  /** (a - b) W + w: how another own action a in place of b in the rows moves the sums, W the action's rows of weights, w the member's. */
  #move(input: Matrix, actions: Matrix, { from, to }: Columns, member: number, weight: number): number {
    const { rows } = input
    const size = to - from
    checkMatrix('members: own actions', actions, size, rows * this.#rows.length)
    const difference = this.#replaced.of(rows, size)
    for (let row = 0, i = 0; row < rows; row++) {
      const [there, here] = [row * input.columns + from, (member * rows + row) * size]
      for (let c = 0; c < size; c++, i++) difference.data[i] = actions.data[here + c]! - input.data[there + c]!
    }
    const moved = this.#moved.of(rows, this.#size).data.byteOffset
    const layer = { ...this.#layer(from, size), bias: weight === 0 ? this.#zeros() : weight }
    denseForward(this.#memory, this.#workspace, layer, rows, difference.data.byteOffset, moved)
    return moved
  }

  #nothing = 0
  #zeros(): number {
    if (this.#nothing === 0) this.#nothing = this.#memory.allocate(4 * this.#size)
    return this.#nothing
  }

  /** Some inputs of the first layer as a layer of their own. */
  #layer(from: number, inputs: number): DenseShape {
    const weight = this.parameters.byteOffset + 4 * (this.tensors[0]!.offset + this.#size * from)
    return { inputs, size: this.#size, activation: 0, weight, bias: 0, weightGradient: 0, biasGradient: 0 }
  }

  /** The gradient at the first layer's sums, from that at its results. */
  #derived({ rows, columns, data }: Matrix): Matrix {
    if (this.#kept === undefined) throw new Error('members: call forward first; there is nothing to go back through')
    const result = this.#gradient.of(rows, columns)
    const { kernels } = this.#memory
    const [from, to] = [data.byteOffset, result.data.byteOffset]
    kernels.deriveAll(from, this.#kept.data.byteOffset, to, rows * columns, this.#activation)
    return result
  }
}

function rowsIn({ columns, data }: Matrix, from: number, end: number): Matrix {
  return { rows: end - from, columns, data: data.subarray(from * columns, end * columns) }
}
