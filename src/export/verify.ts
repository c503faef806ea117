// Verifies that a written export gives the outputs of the actor, to 1e-5.
import type { Actor } from '../agents/actor.ts'
import { withIdentity } from '../agents/identity.ts'
import { createRandom } from '../random.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec, Matrix, Seen } from '../types.ts'
import { forbiddenLogit, partsOf } from './exported-actor.ts'
import type { Answers } from './formats.ts'

/** Largest |difference| / max(1, |expected|) that is float32 rounding and no mistake. */
export const exportTolerance = 1e-5

/** Observations to compare by: small, ordinary and large numbers, sets of which some pieces are not there; of a masked agent with masks that forbid some alternatives. */
export function probeObservations(agent: AgentSpec, rows = 24): Seen {
  const { observationSize } = agent
  const random = createRandom(1, 'export')
  const data = new Float32Array(rows * observationSize)
  for (let i = 0; i < data.length; i++) {
    const scale = [0.1, 1, 3][Math.floor(i / observationSize) % 3]!
    data[i] = random.between(-scale, scale)
  }
  for (let row = 0; row < rows; row++) markPieces(data.subarray(row * observationSize), agent, row)
  const observations = { rows, columns: observationSize, data }
  return agent.isMasked === true ? { ...observations, mask: probeMask(agent, rows) } : observations
}

/** Says of pieces of sets whether they are there; in some rows none is, in others all are. */
function markPieces(row: Float32Array, { observationParts }: AgentSpec, number: number): void {
  let at = 0
  for (const { size, piece } of observationParts) {
    for (let p = 0; piece !== undefined && p * piece < size; p++) {
      const isThere = number % 4 === 0 || (number % 4 !== 1 && (number + p) % 3 !== 0)
      if (isThere) row[at + p * piece] = 1
      else row.fill(0, at + p * piece, at + (p + 1) * piece)
    }
    at += size
  }
}

/** Each alternative is allowed or not by chance; the row's own at least. */
function probeMask({ actionSpace }: AgentSpec, rows: number): Matrix {
  const random = createRandom(1, 'export', 'mask')
  const columns = actionSize(actionSpace)
  const data = Float32Array.from({ length: rows * columns }, () => random.integer(2))
  for (let row = 0, from = 0; row < rows; row++) {
    for (const { size } of actionSpace) {
      data[from + (row % size)] = 1
      from += size
    }
  }
  return { rows, columns, data }
}

/**
 * The largest difference between the actor's own answers and those of its export.
 * @throws Error naming the output when it is above the tolerance; then the export must not be used.
 */
export function compareAnswers(agent: AgentSpec, actor: Actor, observations: Seen, answers: Answers): number {
  const isForbidden = (i: number) => observations.mask?.data[i] === 0
  // What is forbidden has no probability, however low its logit is written: of that the action tells.
  const allowed = (numbers: Float32Array) => numbers.map((value, i) => (isForbidden(i) ? forbiddenLogit : value))
  // Copies: a matrix that a network returns is overwritten by its next call.
  const logits = allowed(Float32Array.from(actor.networks[0]!.act(withIdentity(observations, actor.identity)).data))
  const action = Float32Array.from(actor.greedy(observations).data)
  const answered = { ...answers.logits, data: allowed(answers.logits.data) }
  const differences = [difference(agent, 'logits', answered, logits)]
  const given = answers.action ?? fromProbabilities(agent, answers.probabilities)
  if (given !== undefined) {
    settleTies(agent, logits, given, action)
    differences.push(difference(agent, 'action', given, action))
    if (given.data.some((value, i) => isForbidden(i) && value !== 0)) {
      throw new Error(`export: an action of ${agent.id} takes an alternative that is not allowed; nothing was written`)
    }
  }
  return Math.max(...differences)
}

function difference(agent: AgentSpec, output: string, got: Matrix, expected: Float32Array): number {
  let largest = got.data.length === expected.length ? 0 : Infinity
  expected.forEach((value, i) => {
    // Math.max keeps a NaN, which must not pass for agreement.
    largest = Math.max(largest, Math.abs(got.data[i]! - value) / Math.max(1, Math.abs(value)))
  })
  if (largest <= exportTolerance) return largest
  throw new Error(
    `export: ${output} of ${agent.id} differ from the actor's by ${largest}, allowed ${exportTolerance}; nothing was written`,
  )
}

/** The greedy action that a reader of the probabilities takes. */
function fromProbabilities(agent: AgentSpec, probabilities: Matrix | undefined): Matrix | undefined {
  if (probabilities === undefined) return undefined
  const data = Float32Array.from(probabilities.data)
  forParts(agent, data, (row, greedy) => {
    if (greedy === 'softmax') return
    const largest = row.indexOf(Math.max(...row))
    row.fill(0)[largest] = 1
  })
  return { ...probabilities, data }
}

/** Where the two best logits of a one-hot part are as good as equal, either choice is right: the expected one becomes the given. */
function settleTies(agent: AgentSpec, logits: Float32Array, given: Matrix, expected: Float32Array): void {
  forParts(agent, logits, (row, greedy, at) => {
    const [best, second] = [...row].sort((a, b) => b - a)
    if (greedy === 'one-hot' && best! - second! <= 2 * exportTolerance * Math.max(1, Math.abs(best!)))
      expected.set(given.data.subarray(at, at + row.length), at)
  })
}

function forParts(
  agent: AgentSpec,
  data: Float32Array,
  look: (row: Float32Array, greedy: 'softmax' | 'one-hot', at: number) => void,
): void {
  const parts = partsOf(agent)
  const size = parts[parts.length - 1]!.to
  for (let start = 0; start < data.length; start += size) {
    for (const { from, to, greedy } of parts) look(data.subarray(start + from, start + to), greedy, start + from)
  }
}
