// Differentiates a small policy back and forth, and asks its Fisher matrix how far a step moves the policy.
import { createDistribution, createFisher, createRandom, createSimdBackend, mlp, withCurvature } from 'marlstrom'

const backend = await createSimdBackend()
const random = createRandom(1, 'policy')
const network = withCurvature(backend.network(mlp(4, [16], 3, 'tanh'), random)) // logits of a choice among 3
const uniform = (length: number, scale = 1) => Float32Array.from({ length }, () => random.between(-scale, scale))
const observations = { rows: 32, columns: 4, data: uniform(32 * 4) }
const gradient = { rows: 32, columns: 3, data: uniform(32 * 3) }
const step = uniform(network.parameters.length, 0.02)
const dot = (a: Float32Array, b: Float32Array) => a.reduce((sum, x, i) => sum + x * b[i]!, 0)

// Back: the gradient of sum(gradient * logits). Forth: how the logits move along the step. Both tell the same slope.
const logits = network.forward(observations)
network.backward(gradient)
const tangent = network.tangent(step)
console.log(
  `slope: ${dot(step, network.gradients).toFixed(4)} back, ${dot(tangent.data, gradient.data).toFixed(4)} forth`,
)

const fisher = createFisher(network, createDistribution([{ name: 'move', kind: 'choice', size: 3, soft: false }]))
const half = 0.5 * dot(step, fisher.times(logits, step, 0))

// The same by taking the step: the mean KL divergence between the policies before and after.
const before = Float32Array.from(logits.data)
step.forEach((value, i) => {
  network.parameters[i]! += value
})
const after = network.infer(observations).data
let divergence = 0
for (let at = 0; at < before.length; at += 3) {
  const [p, q] = [before, after].map(all => softmax(all.subarray(at, at + 3))) as [Float32Array, Float32Array]
  divergence += p.reduce((sum, x, i) => sum + x * Math.log(x / q[i]!), 0) / 32
}
console.log(`half v F v ${half.toExponential(1)}, KL divergence ${divergence.toExponential(1)}`)

function softmax(row: Float32Array): Float32Array {
  const weights = row.map(Math.exp)
  return weights.map(weight => weight / weights.reduce((sum, x) => sum + x, 0))
}
