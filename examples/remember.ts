// Trains a recurrent network to say which sign it was shown six steps before, then asks it one step at a time.
import { createRandom, createSimdBackend, type Matrix, withSequence } from 'marlstrom'

const [batch, steps] = [32, 7]
const backend = await createSimdBackend()
const random = createRandom(1, 'remember')
const layers = [{ kind: 'gru', size: 8 } as const, { kind: 'dense', size: 1, activation: 'identity' } as const]
const network = withSequence(backend.network({ inputs: 1, layers }, random))
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 1 }
const optimizer = backend.optimizer(network, adam)
const matrix = (rows: number, columns: number): Matrix => ({ rows, columns, data: new Float32Array(rows * columns) })
const draw = () => Float32Array.from({ length: batch }, () => (random.integer(2) === 0 ? -1 : 1))

const empty = matrix(batch, network.stateSize)
for (let update = 0; update < 200; update++) {
  const signs = draw()
  const input = matrix(steps * batch, 1) // rows step * batch + row: the signs at the first step, then zeros
  input.data.set(signs)
  const output = network.sequence(input, { state: empty })
  const gradient = matrix(steps * batch, 1) // of the mean of log(1 + exp(-sign * output)) at the last step
  const last = (steps - 1) * batch
  signs.forEach((sign, row) => {
    gradient.data[last + row] = -sign / (1 + Math.exp(sign * output.data[last + row]!)) / batch
  })
  network.backward(gradient)
  optimizer.step()
}

const signs = draw()
const state = matrix(batch, network.stateSize) // what an acting policy carries from step to step
let said = matrix(batch, 1)
for (let step = 0; step < steps; step++) {
  said = network.infer(
    { rows: batch, columns: 1, data: step === 0 ? signs : new Float32Array(batch) },
    { state, next: state },
  )
}
const right = signs.filter((sign, row) => sign * said.data[row]! > 0).length
console.log(`${Math.round((100 * right) / batch)}% of the signs recalled six steps later`)
