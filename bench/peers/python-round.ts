// Runs torch_update_round.py where python3 has PyTorch.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { RoundShape } from '../update-round.ts'

/** Milliseconds of PyTorch's best round; undefined where there is no PyTorch. PYTHON names another interpreter than python3. */
export function pythonRound({ agents, hidden, transitions }: RoundShape, threads: number): number | undefined {
  // Beside this file in the sources; the build leaves Python files where they are.
  const file = ['./torch_update_round.py', '../../../bench/peers/torch_update_round.py']
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(path => existsSync(path))
  if (file === undefined) return undefined
  const numbers = { threads, agents, hidden, replay: transitions }
  const { status, stdout } = spawnSync(
    process.env.PYTHON ?? 'python3',
    [file, ...Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, `${value}`])],
    { encoding: 'utf8', env: { ...process.env, OMP_NUM_THREADS: `${threads}` } },
  )
  return status === 0 ? (JSON.parse(stdout) as { milliseconds: number }).milliseconds : undefined
}
