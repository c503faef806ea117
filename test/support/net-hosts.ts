// Hosts of a test's own on this machine: network namespaces (ip-netns(8)), each with a cable (veth(4)) to the test.
import { execFileSync, spawnSync } from 'node:child_process'
import { onTestFinished } from 'vitest'

export interface NetHost {
  /** What a command line begins with that runs there. */
  readonly inside: readonly string[]
  readonly address: string
  /** Of this end of its cable. */
  readonly testAddress: string
  /** Pulls the cable, or plugs it in. */
  cable(state: 'up' | 'down'): void
}

/** Why none can be made here; undefined: they can. */
export function netHostsHindrance(): string | undefined {
  const probe = `marl-${process.pid}`
  const { status, stderr, error } = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' })
  if (status !== 0) return `network namespaces cannot be made: ${error?.message ?? stderr.trim()}`
  const tried = spawnSync('ip', ['-n', probe, 'link', 'add', 'cable0', 'type', 'veth', 'peer', 'name', 'cable1'], {
    encoding: 'utf8',
  })
  spawnSync('ip', ['netns', 'del', probe])
  return tried.status === 0 ? undefined : `virtual cables cannot be made: ${tried.stderr.trim()}`
}

/** Gone after the test. `number`: another one for each of them, up to 60. */
export function createNetHost(number: number): NetHost {
  const name = `marl-${process.pid}-${number}`
  const cable = `marl${process.pid % 100_000}-${number}`
  const [testAddress, address] = [1, 2].map(end => `10.213.77.${4 * number + end}`) as [string, string]
  const ip = (...args: readonly string[]) => execFileSync('ip', args)
  ip('netns', 'add', name)
  onTestFinished(() => void ip('netns', 'del', name))
  ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name)
  ip('address', 'add', `${testAddress}/30`, 'dev', cable)
  ip('link', 'set', cable, 'up')
  ip('-n', name, 'address', 'add', `${address}/30`, 'dev', 'eth0')
  for (const device of ['eth0', 'lo']) ip('-n', name, 'link', 'set', device, 'up')
  return {
    inside: ['ip', 'netns', 'exec', name],
    address,
    testAddress,
    cable: state => void ip('link', 'set', cable, state),
  }
}
