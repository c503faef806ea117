// Prints how far off and how scattered each estimator's gradient is, as a table: node scripts/estimator-table.mjs [samples]
import { estimate, linear, quadratic, relativeError } from '../dist/bench/estimator-problem.js'
import { createSimdBackend } from '../dist/src/nn/simd/backend.js'

const count = Number(process.argv[2] ?? 200_000)
const backend = await createSimdBackend()

const rows = [
  ...each('soft', [1, 0.5, 0.1]),
  ...each('straightThrough', [1, 0.5, 0.1]),
  ...each('gumbelRao', [1, 0.5, 0.1], 10),
  ...each('gumbelRao', [1, 0.5, 0.1], 100),
  ...each('gapped', [1, 0.5, 0.1]),
]
console.log(`${count.toLocaleString('en-US')} samples each\n`)
console.log('| estimator | temperature | linear: bias | deviation | quadratic: bias | deviation |')
console.log('| --- | --- | --- | --- | --- | --- |')
for (const { name, config } of rows) {
  const figures = [linear, quadratic].flatMap(problem => {
    const { bias, deviation } = relativeError(problem, estimate(backend, problem, config, count))
    return [`${(100 * bias).toFixed(1)} %`, deviation.toFixed(2)]
  })
  console.log(`| ${[name, config.temperature, ...figures].join(' | ')} |`)
}
backend.dispose()

function each(estimator, temperatures, estimatorSamples) {
  const name = estimatorSamples === undefined ? estimator : `${estimator}, ${estimatorSamples} samples`
  return temperatures.map(temperature => ({ name, config: { estimator, temperature, estimatorSamples } }))
}
